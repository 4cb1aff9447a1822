#!lua flags=allow-oom
-- Makes a lease end so long after now, if it lasts still.
--   KEYS  1 the lock
--   ARGV  1 its holder's token   2 lease in milliseconds
--   gives {'ok'}                 {'lost'}: the lease has ended, nothing was changed
need(KEYS[1], 'GET', 'PEXPIRE')
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return {'lost'}
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'ok'}
