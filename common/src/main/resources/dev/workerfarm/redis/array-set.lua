#!lua
-- Sets elements from one index on, each of the type that it has, all or none.
--   KEYS  1 the array
--   ARGV  1 index of the first, negative from the end
--         2 whole  3 real  ...   the numbers, two arguments each
--   gives {'ok', type of the first, if there is one}
--                                {'range', length} | {'fraction' | 'whole' | 'junk', element}: nothing was changed
need(KEYS[1], 'LLEN', 'LRANGE', 'LSET')
local length = redis.call('LLEN', KEYS[1])
local count = (#ARGV - 1) / 2
local first = tonumber(ARGV[1])
if first < 0 then
    first = first + length
end
if length == 0 or first < 0 or first + count > length then
    return {'range', length}
end
local texts = {}
local typecode
for from = 0, count - 1, BATCH do
    local batch = redis.call('LRANGE', KEYS[1], first + from, first + math.min(from + BATCH, count) - 1)
    for i, held in ipairs(batch) do
        local place = from + i
        local each = kind(held)
        local text, code = as(each, ARGV[2 * place], ARGV[2 * place + 1])
        if not text then
            return {code, held}
        end
        texts[place] = text
        typecode = typecode or each
    end
end
for place, text in ipairs(texts) do
    redis.call('LSET', KEYS[1], first + place - 1, text)
end
return {'ok', typecode}
