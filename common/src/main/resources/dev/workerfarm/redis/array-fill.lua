-- Makes an array of equal elements, in place of whatever was there.
--   KEYS  1 the array            2 scratch for a list
--   ARGV  1 length, at least 1   2 the element
--   gives {'ok'}
local batch = {}
for i = 1, BATCH do
    batch[i] = ARGV[2]
end
local left = tonumber(ARGV[1])
redis.call('UNLINK', KEYS[2])
while left > 0 do
    local count = math.min(left, BATCH)
    redis.call('RPUSH', KEYS[2], unpack(batch, 1, count))
    left = left - count
end
redis.call('UNLINK', KEYS[1]) -- RENAME would free a long list at once
redis.call('RENAME', KEYS[2], KEYS[1])
return {'ok'}
