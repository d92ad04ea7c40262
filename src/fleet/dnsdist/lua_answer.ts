/** The part of the gate that reads what an upstream said, in Lua. */

/** Reads records and writes their names in full. */
export const ANSWER_LUA = String.raw`
-- What an upstream said is read as strictly, and written anew.
local expanded = ffi.new("uint8_t[256]")

-- A name in small letters and in full, and where it ends; nil where it is malformed.
local function expand(i)
  local n, after, lowest = 0, nil, i
  while i < size do
    local length = at[i]
    if length == 0 then
      expanded[n] = 0
      return ffi.string(expanded, n + 1), after or i + 1
    elseif length < 64 then
      if n + length + 1 > 254 or i + length + 1 >= size then return nil end
      expanded[n] = length
      for j = 1, length do
        local letter = at[i + j]
        expanded[n + j] = letter >= 65 and letter <= 90 and letter + 32 or letter
      end
      n, i = n + length + 1, i + length + 1
    else
      if length < 0xc0 or i + 1 >= size then return nil end
      after = after or i + 2
      i = (length - 0xc0) * 256 + at[i + 1]
      -- Only further and further back, or it would never end.
      if i < 12 or i >= lowest then return nil end
      lowest = i
    end
  end
end

-- Of which pieces data is made: so many bytes, a name, a string, strings up to the end, all the rest.
local LAYOUTS = {
  [1] = { 4 }, [2] = { "name" }, [3] = { "name" }, [4] = { "name" }, [5] = { "name" },
  [6] = { "name", "name", 20 }, [7] = { "name" }, [8] = { "name" }, [9] = { "name" }, [12] = { "name" },
  [13] = { "string", "string" }, [14] = { "name", "name" }, [15] = { 2, "name" }, [16] = { "strings" },
  [17] = { "name", "name" }, [18] = { 2, "name" }, [21] = { 2, "name" }, [24] = { 18, "name", "rest" },
  [26] = { 2, "name", "name" }, [28] = { 16 }, [30] = { "name", "rest" }, [33] = { 6, "name" },
  [35] = { 4, "string", "string", "string", "name" }, [36] = { 2, "name" }, [39] = { "name" }, [99] = { "strings" },
}

local function endOfPiece(piece, i, last)
  if piece == "rest" then return last end
  if piece == "string" then return i < last and i + 1 + at[i] or nil end
  if piece ~= "strings" then return i + piece end
  repeat
    if i >= last then return nil end
    i = i + 1 + at[i]
  until i >= last
  return i
end

-- The data of a record with its names in full; nil where it does not fit its type.
local function readData(record)
  local layout = LAYOUTS[record.kind]
  if layout == nil then return ffi.string(at + record.start, record.last - record.start) end
  local pieces, i = {}, record.start
  for _, piece in ipairs(layout) do
    local data, after
    if piece == "name" then
      data, after = expand(i)
    else
      after = endOfPiece(piece, i, record.last)
      if after ~= nil and after <= record.last then data = ffi.string(at + i, after - i) end
    end
    if data == nil or after > record.last then return nil end
    pieces[#pieces + 1], i = data, after
  end
  return i == record.last and table.concat(pieces) or nil
end

-- So many records from "i" on, and where they end; nil where one is malformed. They must be in class IN, but an OPT.
local function readRecords(i, count)
  local records = {}
  for n = 1, count do
    local owner, after = expand(i)
    if owner == nil or after + 10 > size then return nil end
    local record = { owner = owner, kind = u16(after), class = u16(after + 2), ttl = u32(after + 4) }
    record.start = after + 10
    record.last = record.start + u16(after + 8)
    if record.last > size then return nil end
    if record.ttl > 0x7fffffff and record.kind ~= OPT then record.ttl = 0 end
    records[n], i = record, record.last
  end
  return records, i
end

-- The answer, authority and additional section; nil where something is malformed, or there are bytes after them.
local function readSections()
  if size < 17 or u16(4) ~= 1 then return nil end
  local name, i = expand(12)
  if name == nil then return nil end
  local answer, authority, additional
  answer, i = readRecords(i + 4, u16(6))
  if answer == nil then return nil end
  authority, i = readRecords(i, u16(8))
  if authority == nil then return nil end
  additional, i = readRecords(i, u16(10))
  if additional == nil or i ~= size then return nil end
  local rcode = bit.band(at[3], 15)
  for _, record in ipairs(additional) do
    -- The upper bits of the RCODE (RFC 6891 6.1.3).
    if record.kind == OPT then rcode = rcode + 16 * math.floor(record.ttl / 16777216) end
  end
  return name, rcode, answer, authority
end

-- The data of the asked type at the end of the CNAMEs from a name: nil where something does not fit.
local function followChain(name, answer)
  local chain, data, ttl = {}, {}, 0x7fffffff
  while true do
    local alias
    for _, record in ipairs(answer) do
      if record.owner == name and record.class == 1 then
        if record.kind == qtype then
          local one = readData(record)
          if one == nil then return nil end
          data[#data + 1], ttl = one, math.min(ttl, record.ttl)
        elseif record.kind == CNAME then
          alias = alias or record
        end
      end
    end
    if #data > 0 or alias == nil or #chain == 16 then return chain, data, ttl, name end
    name = readData(alias)
    if name == nil then return nil end
    chain[#chain + 1], ttl = name, math.min(ttl, alias.ttl)
  end
end

-- For how long a negative answer holds (RFC 2308 5), and whether it is one at all, not a pointer to other servers.
local function readNegative(rcode, answer, authority, name)
  local hasServers = false
  for _, record in ipairs(authority) do
    hasServers = hasServers or record.kind == NS
    if record.kind == SOA and record.class == 1 and record.last - record.start >= 22 then
      local i = 1
      while i <= #name do
        if name:sub(i) == record.owner then
          local minimum = u32(record.last - 4)
          return math.min(record.ttl, minimum > 0x7fffffff and 0 or minimum), true
        end
        i = i + 1 + name:byte(i)
      end
    end
  end
  return LOCAL_TTL, not (rcode == NOERROR and #answer == 0 and hasServers)
end
`;
