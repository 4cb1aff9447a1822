#!lua
-- Adds ids of revoked tasks, each until a moment, and removes those that are too old or too many.
--   KEYS  1 the ids (a sorted set)
--   ARGV  1 now   2 until when, both in milliseconds since 1970   3 how many are kept   4 ...  ids
--   gives {'ok'}
need(KEYS[1], 'ZADD', 'ZREMRANGEBYSCORE', 'ZREMRANGEBYRANK', 'PEXPIRE')
for i = 4, #ARGV do
    redis.call('ZADD', KEYS[1], ARGV[2], ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[2] - ARGV[1])
return {'ok'}
