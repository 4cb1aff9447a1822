#!lua
-- Adds to a value of either type; a value that does not exist counts as 0.
--   KEYS  1 the value
--   ARGV  1 whole  2 real        the number to add
--   gives {'ok', sum}            {'fraction' | 'whole' | 'overflow' | 'junk', held}: nothing was changed
need(KEYS[1], 'GET', 'SET')
local held = redis.call('GET', KEYS[1])
if not held then
    local first = ARGV[1] ~= '' and ARGV[1] or ARGV[2]
    redis.call('SET', KEYS[1], first)
    return {'ok', first}
end
local sum, code = add(held, kind(held), ARGV[1], ARGV[2])
if not sum then
    return {code, held}
end
redis.call('SET', KEYS[1], sum)
return {'ok', sum}
