#!lua flags=allow-oom
-- Releases a lock, if it is still its holder's.
--   KEYS  1 the lock
--   ARGV  1 its holder's token
--   gives {'ok'}                 {'lost'}: the lease has ended, nothing was changed
need(KEYS[1], 'GET', 'DEL')
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return {'lost'}
end
redis.call('DEL', KEYS[1])
return {'ok'}
