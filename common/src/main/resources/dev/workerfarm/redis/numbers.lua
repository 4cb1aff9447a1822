-- Arithmetic on numbers as they are stored; put in front of every script. The text alone says the type:
--   i  what INCRBY takes and gives: decimal digits, no leading zero, within 64 bits
--   d  a double that has '.' or 'e', or is Infinity, -Infinity or NaN
-- Lua 5.1 has doubles only, which are exact up to 2^53: a long i never goes through tonumber.
-- Arguments that are a number come as two, its text as i, `whole`, and as d, `real`. Either may be '': the first where it is a
-- fraction, and that of a type which the caller does not want changed.

local BATCH = 1000 -- of elements in one command; unpack fails somewhere below 8000

-- 'i', 'd', or nil for a text that is no number of ours.
local function kind(text)
    if text == '0' then
        return 'i'
    end
    if string.find(text, '^-?[1-9]%d*$') then
        local digits = string.gsub(text, '%-', '')
        if #digits < 19 then
            return 'i'
        end
        local limit = #digits == #text and '9223372036854775807' or '9223372036854775808'
        return #digits == 19 and digits <= limit and 'i' or nil
    end
    if string.find(text, '^-?%d+%.%d+$')
        or string.find(text, '^-?%d+%.?%d*[eE][+-]?%d+$')
        or text == 'Infinity' or text == '-Infinity' or text == 'NaN' then
        return 'd'
    end
    return nil
end

local function toReal(text)
    if text == 'Infinity' then
        return math.huge
    elseif text == '-Infinity' then
        return -math.huge
    elseif text == 'NaN' then
        return 0 / 0
    end
    return tonumber(text)
end

-- The shortest text that reads back as the same double.
local function fromReal(number)
    if number ~= number then
        return 'NaN'
    elseif number == math.huge then
        return 'Infinity'
    elseif number == -math.huge then
        return '-Infinity'
    end
    local text = string.format('%.15g', number)
    if tonumber(text) ~= number then
        text = string.format('%.16g', number)
        if tonumber(text) ~= number then
            text = string.format('%.17g', number)
        end
    end
    if string.find(text, '[.e]') then
        return text
    end
    return text .. '.0'
end

-- The sum of two i, or nil on overflow. Long ones are added by Redis, on the key `scratch`, which the caller removes.
local function addWhole(held, by, scratch)
    if #held <= 15 and #by <= 15 then
        return string.format('%.0f', tonumber(held) + tonumber(by))
    end
    redis.call('SET', scratch, held)
    local added = redis.pcall('INCRBY', scratch, by)
    if type(added) == 'table' and added.err then
        return nil -- both are numbers, and SET would have failed for want of memory: it is overflow
    end
    return redis.call('GET', scratch) -- INCRBY's own answer is a double by now
end

-- The argument as a text of type `typecode`, or nil and a code.
local function as(typecode, whole, real)
    if typecode ~= 'i' and typecode ~= 'd' then
        return nil, 'junk'
    end
    local text = typecode == 'd' and real or whole
    if text == '' then
        return nil, typecode == 'd' and 'whole' or 'fraction'
    end
    return text
end

-- The sum as a text of type `typecode`, which is that of `held`; or nil and a code.
local function add(held, typecode, whole, real, scratch)
    local by, code = as(typecode, whole, real)
    if not by then
        return nil, code
    end
    if typecode == 'd' then
        return fromReal(toReal(held) + toReal(real))
    end
    local sum = addWhole(held, whole, scratch)
    return sum, not sum and 'overflow' or nil
end

