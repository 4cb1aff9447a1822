-- Put in front of every script, behind its first line. Redis keeps what a failing script wrote. So a script writes nothing
-- before everything is read and computed and `need` has checked its commands. `#!lua` has Redis refuse the whole script
-- where it refuses writes (OOM, MISCONF, NOREPLICAS, READONLY); without it a script that began to write goes on at maxmemory.
--
-- Arithmetic on numbers as they are stored. The text alone says the type:
--   i  what INCRBY takes and gives: decimal digits, no leading zero, within 64 bits
--   d  a double that has '.' or 'e', or is Infinity, -Infinity or NaN
-- Lua 5.1 has doubles only, which are exact up to 2^53: a long i never goes through tonumber.
-- Arguments that are a number come as two, its text as i, `whole`, and as d, `real`. Either may be '': the first where it is a
-- fraction, and that of a type which the caller does not want changed.

local BATCH = 1000 -- of elements in one command; unpack fails somewhere below 8000

-- What a command takes behind its key at the least: Redis 8 checks that too.
local TAKES = {
    EXPIRE = 1, HGET = 1, HSET = 2, LINDEX = 1, LRANGE = 2, LSET = 2, PEXPIRE = 1, RPUSH = 1, SET = 1, ZADD = 2,
    ZREMRANGEBYRANK = 2, ZREMRANGEBYSCORE = 2,
}

-- Ends the script where the user may not run one of these commands on the key, or Redis does not have the command.
local function need(key, ...)
    for _, command in ipairs({...}) do
        local known, allowed = pcall(redis.acl_check_cmd, command, key, unpack({'0', '0'}, 1, TAKES[command] or 0))
        if not (known and allowed) then
            error({err = 'NOPERM this user may not run ' .. command .. ' on ' .. key})
        end
    end
end

-- Makes a list of the texts from one place up to another. UNLINK, as a long list takes long to free.
local function replaceList(key, texts, from, to)
    redis.call('UNLINK', key)
    for first = from, to, BATCH do
        redis.call('RPUSH', key, unpack(texts, first, math.min(first + BATCH - 1, to)))
    end
end

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

-- The digits above the last nine and the last nine, both with the number's sign.
local function halves(whole)
    local sign, digits = string.match(whole, '^(-?)(%d+)$')
    local factor = sign == '-' and -1 or 1
    return factor * (tonumber(string.sub(digits, 1, -10)) or 0), factor * tonumber(string.sub(digits, -9))
end

-- The sum of two i, or nil on overflow.
local function addWhole(held, by)
    if #held <= 15 and #by <= 15 then
        return string.format('%.0f', tonumber(held) + tonumber(by))
    end
    local high, low = halves(held)
    local highBy, lowBy = halves(by)
    high, low = high + highBy, low + lowBy
    local carry = low >= 1e9 and 1 or low <= -1e9 and -1 or 0
    high, low = high + carry, low - carry * 1e9
    if high > 0 and low < 0 then
        high, low = high - 1, low + 1e9
    elseif high < 0 and low > 0 then
        high, low = high + 1, low - 1e9
    end
    local sum = high == 0 and string.format('%.0f', low) or string.format('%.0f%09.0f', high, math.abs(low))
    return kind(sum) and sum or nil
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
local function add(held, typecode, whole, real)
    local by, code = as(typecode, whole, real)
    if not by then
        return nil, code
    end
    if typecode == 'd' then
        return fromReal(toReal(held) + toReal(real))
    end
    local sum = addWhole(held, whole)
    return sum, not sum and 'overflow' or nil
end

