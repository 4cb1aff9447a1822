#!lua
-- Puts a failure in the place of a retry that no queue takes, and of what the retry would come to: another run may have published
-- it before, and it is not to run then.
--   KEYS  1 the task's outcomes (a hash)
--   ARGV  1 field   2 the retry   3 the failure   4 the field of the next attempt
--   gives {'ok', the outcome that counts now}: that of the next attempt, if that has ended, or of another run that was faster
need(KEYS[1], 'HGET', 'HSET')
local held = redis.call('HGET', KEYS[1], ARGV[4]) or redis.call('HGET', KEYS[1], ARGV[1])
if held and held ~= ARGV[2] then
    return {'ok', held}
end
if held then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3], ARGV[4], ARGV[3])
end
return {'ok', ARGV[3]}
