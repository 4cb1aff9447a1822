#!lua
-- Notes that attempts of tasks were settled; from now on time runs out for their outcomes.
--   KEYS  1 a task's outcomes   2 that it was settled   ...  the same of other tasks
--   ARGV  1 seconds that outcomes are kept   2 seconds that the notes are kept   3 the note of the first task   ...
--   gives {'ok'}
for i = 1, #KEYS, 2 do
    need(KEYS[i], 'EXPIRE')
    need(KEYS[i + 1], 'SET')
end
for i = 1, #KEYS, 2 do
    redis.call('EXPIRE', KEYS[i], ARGV[1])
    redis.call('SET', KEYS[i + 1], ARGV[(i + 5) / 2], 'EX', ARGV[2])
end
return {'ok'}
