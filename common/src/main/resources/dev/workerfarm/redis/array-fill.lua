#!lua
-- Makes an array of equal elements, in place of whatever was there.
--   KEYS  1 the array
--   ARGV  1 length, at least 1   2 the element
--   gives {'ok'}
need(KEYS[1], 'UNLINK', 'RPUSH')
local batch = {}
for i = 1, BATCH do
    batch[i] = ARGV[2]
end
local left = tonumber(ARGV[1])
redis.call('UNLINK', KEYS[1])
while left > 0 do
    local count = math.min(left, BATCH)
    redis.call('RPUSH', KEYS[1], unpack(batch, 1, count))
    left = left - count
end
return {'ok'}
