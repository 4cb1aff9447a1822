-- Adds to every element, all or none: Redis keeps what a failing script wrote, so the sums go into another list first.
--   KEYS  1 the array            2 scratch for a number     3 scratch for a list
--   ARGV  1 whole  2 real        the number to add
--   gives {'ok', sum, sum, ...}  {'range', 0}: no array
--         {'fraction' | 'whole' | 'overflow' | 'junk', element}: nothing was changed
local length = redis.call('LLEN', KEYS[1])
if length == 0 then
    return {'range', 0}
end
local reply = {'ok'}
redis.call('UNLINK', KEYS[3])
for from = 0, length - 1, BATCH do
    local sums = redis.call('LRANGE', KEYS[1], from, from + BATCH - 1)
    for i, held in ipairs(sums) do
        local sum, code = add(held, kind(held), ARGV[1], ARGV[2], KEYS[2])
        if not sum then
            redis.call('UNLINK', KEYS[2], KEYS[3])
            return {code, held}
        end
        sums[i] = sum
        reply[from + i + 1] = sum
    end
    redis.call('RPUSH', KEYS[3], unpack(sums))
end
redis.call('UNLINK', KEYS[1], KEYS[2]) -- RENAME would free a long list at once
redis.call('RENAME', KEYS[3], KEYS[1])
return reply
