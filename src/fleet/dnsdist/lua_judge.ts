/** The part of the gate that judges answers, in Lua. */

/** Drops the addresses that a rule does not let through. */
export const JUDGE_LUA = String.raw`
-- Addresses in answers: data are strings of bytes here.
local function liesIn(subnets, address)
  for _, subnet in ipairs(subnets) do
    local network, bits = subnet[1], subnet[2]
    local whole = math.floor(bits / 8)
    if #network == #address and network:sub(1, whole) == address:sub(1, whole) then
      local step = 2 ^ (8 - bits % 8)
      if bits % 8 == 0 or
        math.floor(network:byte(whole + 1) / step) == math.floor(address:byte(whole + 1) / step) then
        return true
      end
    end
  end
  return false
end

-- In 2002::/16 the IPv4 address of a router counts in the address's place (RFC 3056).
local function isReserved(address)
  if liesIn(RESERVED, address) then return true end
  return #address == 16 and address:sub(1, 2) == "\32\2" and liesIn(RESERVED, address:sub(3, 6))
end

local function mayPass(group, address)
  return (group.private or not isReserved(address)) and (group.within == nil or liesIn(group.within, address))
end

local function byte16(data, i) return data:byte(i) * 256 + data:byte(i + 1) end
local function bytes16(value) return string.char(math.floor(value / 256), value % 256) end

-- The value of a parameter without bad addresses; nil where it is malformed (RFC 9460 7).
local function judgeValue(group, key, value)
  local length = key == 4 and 4 or key == 6 and 16
  if not length then
    if key == 3 and #value ~= 2 or key == 2 and #value ~= 0 then return nil end
    if key ~= 1 then return value end
    local i = 1
    while i <= #value and value:byte(i) > 0 do i = i + 1 + value:byte(i) end
    return #value > 0 and i == #value + 1 and value or nil
  end
  if #value == 0 or #value % length ~= 0 then return nil end
  local good = {}
  for i = 1, #value, length do
    local address = value:sub(i, i + length - 1)
    if mayPass(group, address) then good[#good + 1] = address end
  end
  return table.concat(good)
end

-- Whether each parameter is there that another one lists (RFC 9460 8).
local function hasMandatory(values)
  local list = values[0]
  if list == nil then return true end
  if #list == 0 or #list % 2 ~= 0 then return false end
  local last = 0
  for i = 1, #list, 2 do
    local key = byte16(list, i)
    if key <= last or values[key] == nil then return false end
    last = key
  end
  return true
end

-- The data of an SVCB or HTTPS record without bad addresses in its hints; nil where the record has to go.
local function judgeService(group, data)
  local i = 3
  while i <= #data and data:byte(i) > 0 do i = i + 1 + data:byte(i) end
  if i > #data then return nil end
  local head = data:sub(1, i)
  if byte16(data, 1) == 0 then return head end
  local pieces, values, last = { head }, {}, -1
  i = i + 1
  while i <= #data do
    if i + 3 > #data then return nil end
    local key, after = byte16(data, i), i + 4 + byte16(data, i + 2)
    if key <= last or after > #data + 1 then return nil end
    local value = data:sub(i + 4, after - 1)
    local good = judgeValue(group, key, value)
    if good == nil then return nil end
    if #good > 0 or #value == 0 then
      values[key] = good
      pieces[#pieces + 1] = bytes16(key) .. bytes16(#good) .. good
    end
    last, i = key, after
  end
  return hasMandatory(values) and table.concat(pieces) or nil
end

local function judgeData(group, data)
  local good = {}
  for _, one in ipairs(data) do
    if qtype == SVCB or qtype == HTTPS then
      good[#good + 1] = judgeService(group, one)
    elseif qtype ~= A and qtype ~= AAAA or mayPass(group, one) then
      good[#good + 1] = one
    end
  end
  return good
end
`;
