#!lua
-- Adds to every element, all or none.
--   KEYS  1 the array
--   ARGV  1 whole  2 real        the number to add
--   gives {'ok', sum, sum, ...}  {'range', 0}: no array
--         {'fraction' | 'whole' | 'overflow' | 'junk', element}: nothing was changed
need(KEYS[1], 'LLEN', 'LRANGE', 'UNLINK', 'RPUSH')
local length = redis.call('LLEN', KEYS[1])
if length == 0 then
    return {'range', 0}
end
local reply = {'ok'}
for from = 0, length - 1, BATCH do
    local batch = redis.call('LRANGE', KEYS[1], from, from + BATCH - 1)
    for i, held in ipairs(batch) do
        local sum, code = add(held, kind(held), ARGV[1], ARGV[2])
        if not sum then
            return {code, held}
        end
        reply[from + i + 1] = sum
    end
end
replaceList(KEYS[1], reply, 2, length + 1)
return reply
