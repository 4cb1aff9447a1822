#!lua
-- Takes a lock that nobody holds.
--   KEYS  1 the lock             2 the token given last
--   ARGV  1 lease in milliseconds
--   gives {'ok', token}          {'held'}: nothing was changed
need(KEYS[1], 'EXISTS', 'SET')
need(KEYS[2], 'INCR', 'GET')
if redis.call('EXISTS', KEYS[1]) == 1 then
    return {'held'}
end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], redis.call('GET', KEYS[2]), 'PX', ARGV[1])
return {'ok', token}
