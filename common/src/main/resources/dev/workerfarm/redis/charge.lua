#!lua
-- Notes a text about a process that runs, or died of, a task.
--   KEYS  1 the task's notes (a hash)
--   ARGV  1 field   2 text   3 seconds that the notes are kept from now on
--   gives {'ok'}
need(KEYS[1], 'HSET', 'EXPIRE')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {'ok'}
