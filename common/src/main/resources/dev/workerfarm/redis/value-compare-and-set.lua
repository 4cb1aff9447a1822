#!lua
-- Sets a value if it is as expected; one that does not exist counts as 0 and is made by value-set's rule.
--   KEYS  1 the value
--   ARGV  1 whole  2 real        the number expected
--         3 whole  4 real        the number to set
--   gives {'ok', 1}              it was, and is set
--         {'ok', 0}              it was not, nothing was changed
--         {'fraction' | 'whole' | 'junk', held}: nothing was changed, whatever the value was
need(KEYS[1], 'GET', 'SET')
local held = redis.call('GET', KEYS[1])
local typecode = ARGV[3] ~= '' and 'i' or 'd'
local same
if held then
    typecode = kind(held)
    local expected, code = as(typecode, ARGV[1], ARGV[2])
    if not expected then
        return {code, held}
    end
    if typecode == 'i' then
        same = held == expected
    else
        same = toReal(held) == toReal(expected)
    end
else
    same = toReal(ARGV[2]) == 0
end
local text, code = as(typecode, ARGV[3], ARGV[4])
if not text then
    return {code, held}
end
if not same then
    return {'ok', 0}
end
redis.call('SET', KEYS[1], text)
return {'ok', 1}
