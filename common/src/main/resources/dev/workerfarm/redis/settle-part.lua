#!lua
-- Notes that a part of a chunk was settled. Once that is so of all items, the chunk is settled as settle.lua does it.
--   KEYS  1 the places behind the chunk's settled parts, by their first places (a hash)   2 that this part was settled
--         3 the chunk's outcomes   4 that the chunk was settled
--   ARGV  1 what the fields begin with   2 the part's first place   3 the place behind its last   4 count of the chunk's items
--         5 the note   6 seconds that outcomes are kept   7 seconds that the notes are kept   8 the same of the parts
--   gives {'ok'}
need(KEYS[1], 'HGET', 'HSET', 'EXPIRE')
need(KEYS[2], 'SET')
need(KEYS[3], 'EXPIRE')
need(KEYS[4], 'SET')
local first, last = tonumber(ARGV[2]), tonumber(ARGV[3])

-- The place behind the longest settled part that begins here, or this place: none does.
local function behind(place)
    local held = redis.call('HGET', KEYS[1], ARGV[1] .. place)
    local found = held and tonumber(held) or place
    return place == first and math.max(found, last) or found
end

local covered, further = 0, behind(0)
while further > covered do
    covered, further = further, behind(further)
end
local own = behind(first)
if own > first then
    redis.call('HSET', KEYS[1], ARGV[1] .. first, own)
    redis.call('EXPIRE', KEYS[1], ARGV[8])
end
redis.call('SET', KEYS[2], ARGV[5], 'EX', ARGV[7])
if covered >= tonumber(ARGV[4]) then
    redis.call('EXPIRE', KEYS[3], ARGV[6])
    redis.call('SET', KEYS[4], ARGV[5], 'EX', ARGV[7])
end
return {'ok'}
