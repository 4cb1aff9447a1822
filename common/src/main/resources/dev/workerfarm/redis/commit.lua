#!lua
-- Commits runs of one task message: their outcomes and what they did to shared state, all or nothing.
--   KEYS  1 the task's outcomes (a hash)   2 that it was settled   3 of a part of a chunk: that the chunk was settled
--         3 or 4 ...  values and arrays; a step names its key by its place here
--   ARGV  1 generation   2 attempt   3 seconds that the outcomes are kept at least
--         4 place of the key that says whether the whole chunk was settled: 3, or 2 where it is no part
--         5 count of outcomes, then of each: field, outcome
--         then steps, until the end:
--         v key text                 a value must hold this, '' nothing
--         c key place text           an element must be this
--         n key length               an array must have this length
--         l key count text ...       an array must be these elements
--         A key whole real           add to a value               T  set a value, which keeps its type
--         S key text                 a value becomes this         D key  is removed
--         a key place whole real     add to an element            t  set an element, which keeps its type
--         w key place text           an element becomes this
--         L key whole real           add to all elements of an array of at most MOST
--         M key count text ...       an array becomes these
--   gives {'ok'}                     all is written; in all other cases nothing is:
--         {'known', field, outcome, ...}   outcomes that were committed before
--         {'settled'}                this attempt, or a later one, was settled, or its whole chunk was, and its outcomes are
--                                    not kept any more
--         {'changed', key}           what was read is another by now
--         {'fraction' | 'overflow' | 'junk' | 'range' | 'bound', detail, key, place or ''}   a step is refused
local MOST = 10000
local argument = 6 -- the next one to be read
local function take()
    argument = argument + 1
    return ARGV[argument - 1]
end

local rootSettled = KEYS[tonumber(ARGV[4])]
need(KEYS[1], 'HGET', 'HSET', 'EXPIRE')
need(KEYS[2], 'GET')
need(rootSettled, 'GET')
local function isSettled(key)
    local generation, attempt = string.match(redis.call('GET', key) or '', '^(%d+)%.(%d+)$')
    return generation and (tonumber(generation) > tonumber(ARGV[1])
        or (tonumber(generation) == tonumber(ARGV[1]) and tonumber(attempt) >= tonumber(ARGV[2])))
end
local fields = {}
for i = 1, 2 * tonumber(ARGV[5]) do
    fields[i] = take()
end
local known = {'known'}
for i = 1, #fields, 2 do
    local outcome = redis.call('HGET', KEYS[1], fields[i])
    if outcome then
        known[#known + 1] = fields[i]
        known[#known + 1] = outcome
    end
end
if #known > 1 then
    return known
end
if isSettled(KEYS[2]) or (rootSettled ~= KEYS[2] and isSettled(rootSettled)) then
    return {'settled'}
end

local values = {} -- by key: text, or false for none
local lengths = {} -- by key
local elements = {} -- by key: texts by place, as far as they are looked at
local made = {} -- by key: whether the whole list is in `elements`, and is to be written as a whole
local dirty = {} -- by key: for values true, for elements true by place

local function value(key)
    if values[key] == nil then
        need(key, 'GET')
        values[key] = redis.call('GET', key)
    end
    return values[key]
end

local function length(key)
    if lengths[key] == nil then
        need(key, 'LLEN', 'LINDEX', 'LRANGE')
        lengths[key] = redis.call('LLEN', key)
    end
    return lengths[key]
end

local function element(key, place)
    if place >= length(key) then
        return nil
    end
    elements[key] = elements[key] or {}
    if elements[key][place] == nil then
        elements[key][place] = redis.call('LINDEX', key, place)
    end
    return elements[key][place]
end

local function changeElement(key, place, text)
    elements[key] = elements[key] or {}
    elements[key][place] = text
    dirty[key] = dirty[key] or {}
    dirty[key][place] = true
end

local function become(key, texts, count)
    lengths[key] = count
    elements[key] = texts
    made[key] = true
    dirty[key] = {}
end

-- Each gives nothing, or an answer that ends the script.
local steps = {}

function steps.v(key)
    if (value(key) or '') ~= take() then
        return {'changed', key}
    end
end

function steps.c(key)
    local place = tonumber(take())
    if element(key, place) ~= take() then
        return {'changed', key}
    end
end

function steps.n(key)
    if length(key) ~= tonumber(take()) then
        return {'changed', key}
    end
end

function steps.l(key)
    local count = tonumber(take())
    local same = length(key) == count
    local held = same and count > 0 and redis.call('LRANGE', key, 0, -1) or {}
    for i = 1, count do
        same = take() == held[i] and same
    end
    if not same then
        return {'changed', key}
    end
end

-- What a number becomes, text or nothing and a code, by whole or real.
local function added(held, whole, real)
    return add(held, kind(held), whole, real)
end

local function replaced(held, whole, real)
    return as(kind(held), whole, real)
end

local function changeValue(key, change)
    local whole, real = take(), take()
    local held = value(key)
    local text, code
    if held then
        text, code = change(held, whole, real)
    else
        text = whole ~= '' and whole or real
    end
    if not text then
        return {code, held, key, ''}
    end
    values[key], dirty[key] = text, true
end

local function changePlace(key, change)
    local place, whole, real = tonumber(take()), take(), take()
    local held = element(key, place)
    if not held then
        return {'range', length(key), key, place}
    end
    local text, code = change(held, whole, real)
    if not text then
        return {code, held, key, place}
    end
    changeElement(key, place, text)
end

function steps.A(key)
    return changeValue(key, added)
end

function steps.T(key)
    return changeValue(key, replaced)
end

function steps.S(key)
    values[key], dirty[key] = take(), true
end

function steps.D(key)
    values[key], lengths[key], elements[key], made[key], dirty[key] = false, 0, nil, nil, true
end

function steps.a(key)
    return changePlace(key, added)
end

function steps.t(key)
    return changePlace(key, replaced)
end

function steps.w(key)
    local place, text = tonumber(take()), take()
    if place >= length(key) then
        return {'range', length(key), key, place}
    end
    changeElement(key, place, text)
end

function steps.L(key)
    local whole, real = take(), take()
    local count = length(key)
    if count == 0 then
        return {'range', 0, key, ''}
    elseif count > MOST then
        return {'bound', count, key, ''}
    end
    local texts = {}
    local held = made[key] and {} or redis.call('LRANGE', key, 0, -1)
    for place = 0, count - 1 do
        local before = elements[key] and elements[key][place] or held[place + 1]
        local text, code = added(before, whole, real)
        if not text then
            return {code, before, key, place}
        end
        texts[place] = text
    end
    become(key, texts, count)
end

function steps.M(key)
    local count = tonumber(take())
    local texts = {}
    for place = 0, count - 1 do
        texts[place] = take()
    end
    become(key, texts, count)
end

while argument <= #ARGV do
    local step, key = take(), KEYS[tonumber(take())]
    local refused = steps[step](key)
    if refused then
        return refused
    end
end

for key, changed in pairs(dirty) do
    if made[key] then
        need(key, 'UNLINK', 'RPUSH')
    elseif changed == true then
        need(key, values[key] and 'SET' or 'UNLINK')
    else
        need(key, 'LSET')
    end
end
for key, changed in pairs(dirty) do
    if made[key] then
        replaceList(key, elements[key], 0, lengths[key] - 1)
    elseif changed == true then
        if values[key] then
            redis.call('SET', key, values[key])
        else
            redis.call('UNLINK', key)
        end
    else
        for place in pairs(changed) do
            redis.call('LSET', key, place, elements[key][place])
        end
    end
end
for i = 1, #fields, 2 do
    redis.call('HSET', KEYS[1], fields[i], fields[i + 1])
end
redis.call('EXPIRE', KEYS[1], ARGV[3], 'NX') -- with GT alone a key without a time to live would not get one
redis.call('EXPIRE', KEYS[1], ARGV[3], 'GT') -- an attempt before this one may have been settled
return {'ok'}
