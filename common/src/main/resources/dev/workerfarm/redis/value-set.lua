#!lua
-- Sets a value and keeps its type; one that does not exist becomes i for a whole number, else d.
--   KEYS  1 the value
--   ARGV  1 whole  2 real        the number
--   gives {'ok', type}           {'fraction' | 'whole' | 'junk', held}: nothing was changed
need(KEYS[1], 'GET', 'SET')
local held = redis.call('GET', KEYS[1])
local typecode = ARGV[1] ~= '' and 'i' or 'd'
if held then
    typecode = kind(held)
end
local text, code = as(typecode, ARGV[1], ARGV[2])
if not text then
    return {code, held}
end
redis.call('SET', KEYS[1], text)
return {'ok', typecode}
