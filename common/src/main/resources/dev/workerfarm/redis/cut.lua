#!lua
-- Notes up to which item a chunk's message runs.
--   KEYS  1 the ends of the message's runs (a hash)
--   ARGV  1 field   2 the end   3 '1': it takes the place of one that is noted   4 seconds that the notes are kept from now on
--   gives {'ok'}                 {'known', end}: another one is noted, nothing was changed
need(KEYS[1], 'HGET', 'HSET', 'EXPIRE')
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and held ~= ARGV[2] and ARGV[3] ~= '1' then
    return {'known', held}
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {'ok'}
