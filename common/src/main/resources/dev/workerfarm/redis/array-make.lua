-- Makes an array, in place of whatever was there.
--   KEYS  1 the array            2 scratch for a list
--   ARGV  the elements, at least one
--   gives {'ok'}
redis.call('UNLINK', KEYS[2])
for from = 1, #ARGV, BATCH do
    redis.call('RPUSH', KEYS[2], unpack(ARGV, from, math.min(from + BATCH - 1, #ARGV)))
end
redis.call('UNLINK', KEYS[1]) -- RENAME would free a long list at once
redis.call('RENAME', KEYS[2], KEYS[1])
return {'ok'}
