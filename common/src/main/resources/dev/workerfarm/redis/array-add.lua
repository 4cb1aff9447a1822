#!lua
-- Adds to one element.
--   KEYS  1 the array
--   ARGV  1 index, negative from the end
--         2 whole  3 real        the number to add
--   gives {'ok', sum}            {'range', length} | {'fraction' | 'whole' | 'overflow' | 'junk', element}: nothing was changed
need(KEYS[1], 'LINDEX', 'LLEN', 'LSET')
local held = redis.call('LINDEX', KEYS[1], ARGV[1])
if not held then
    return {'range', redis.call('LLEN', KEYS[1])}
end
local sum, code = add(held, kind(held), ARGV[2], ARGV[3])
if not sum then
    return {code, held}
end
redis.call('LSET', KEYS[1], ARGV[1], sum)
return {'ok', sum}
