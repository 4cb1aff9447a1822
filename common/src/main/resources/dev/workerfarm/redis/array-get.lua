#!lua flags=no-writes
-- One element.
--   KEYS  1 the array
--   ARGV  1 index, negative from the end
--   gives {'ok', element}        {'range', length}, length 0 where there is no array
need(KEYS[1], 'LINDEX', 'LLEN')
local held = redis.call('LINDEX', KEYS[1], ARGV[1])
if not held then
    return {'range', redis.call('LLEN', KEYS[1])}
end
return {'ok', held}
