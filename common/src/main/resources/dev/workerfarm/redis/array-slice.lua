#!lua flags=no-writes
-- The elements from one index up to and without another, as in Python.
--   KEYS  1 the array
--   ARGV  1 from   2 to          negative from the end
--   gives {'ok', element, ...}   {'range', 0}: no array
need(KEYS[1], 'EXISTS', 'LRANGE')
if redis.call('EXISTS', KEYS[1]) == 0 then
    return {'range', 0}
end
if ARGV[2] == '0' then
    return {'ok'} -- as Redis's inclusive end, -1, it would be all of them
end
local reply = redis.call('LRANGE', KEYS[1], ARGV[1], tonumber(ARGV[2]) - 1)
table.insert(reply, 1, 'ok')
return reply
