#!lua
-- Puts an outcome in the place of one that cannot be carried out, such as a retry that no queue takes.
--   KEYS  1 the task's outcomes (a hash)
--   ARGV  1 field   2 the outcome to be replaced   3 the other one
--   gives {'ok', the outcome that is kept now}: of another run, if that was faster
need(KEYS[1], 'HGET', 'HSET')
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and held ~= ARGV[2] then
    return {'ok', held}
end
if held then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return {'ok', ARGV[3]}
