-- Sets one element, of the type that it has.
--   KEYS  1 the array
--   ARGV  1 index, negative from the end
--         2 whole  3 real        the number
--   gives {'ok'}                 {'range', length} | {'fraction' | 'junk', element}: nothing was changed
local held = redis.call('LINDEX', KEYS[1], ARGV[1])
if not held then
    return {'range', redis.call('LLEN', KEYS[1])}
end
local text, code = as(kind(held), ARGV[2], ARGV[3])
if not text then
    return {code, held}
end
redis.call('LSET', KEYS[1], ARGV[1], text)
return {'ok'}
