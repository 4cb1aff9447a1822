#!lua
-- Makes an array, in place of whatever was there.
--   KEYS  1 the array
--   ARGV  the elements, at least one
--   gives {'ok'}
need(KEYS[1], 'UNLINK', 'RPUSH')
replaceList(KEYS[1], ARGV, 1, #ARGV)
return {'ok'}
