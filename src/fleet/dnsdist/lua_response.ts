/** The part of the gate that hands on what an upstream said, in Lua. */

/** Makes an upstream's response, or one from the cache, a client's reply. */
export const RESPONSE_LUA = String.raw`
local PASS = DNSResponseAction.Allow

local function tagOf(dr, label)
  local tag = C.dnsdist_ffi_dnsquestion_get_tag(dr, label)
  return tag ~= nil and tonumber(ffi.string(tag)) or nil
end

-- What the client takes; without an OPT in its query it is as small as it always was.
local function readClient(dr)
  local tag = tagOf(dr, "opt")
  hasOpt, dnssecOk, room = tag ~= nil, tag ~= nil and tag >= 65536, tag and tag % 65536 or PLAIN_UDP_BYTES
  if C.dnsdist_ffi_dnsquestion_get_tcp(dr) then room = 65535 end
  if hasOpt then room = room - OPT_BYTES end
end

local function finish(dr)
  if hasOpt then putOpt(dnssecOk) end
  endReply(dr)
  return PASS
end

-- What is truncated is kept, too, or each repeat would be one more question upstream.
local function truncate(dr, ttl)
  beginReply(dr, NOERROR)
  out[2] = out[2] + 2
  putSoa(NOERROR, ttl)
  return finish(dr)
end

local function writeNegative(dr, rcode, ttl)
  beginReply(dr, rcode)
  if rcode ~= SERVFAIL then putSoa(rcode, ttl) end
  return finish(dr)
end

-- The records that there is room for; where that is not all, the client asks again over TCP.
local function writePositive(dr, chain, data, ttl)
  beginReply(dr, NOERROR)
  local owner, count = 12, 0
  for i = 1, #chain + #data do
    local one = chain[i] or data[i - #chain]
    if used + 12 + #one > room then
      out[2] = out[2] + 2
      break
    end
    putRecord(owner, i <= #chain and CNAME or qtype, ttl, one)
    if i <= #chain then owner = used - #one end
    count = count + 1
  end
  if count == 0 then return truncate(dr, ttl) end
  countAt(6, count)
  return finish(dr)
end

local function keep(dr, group, ttl)
  if not group.isWildcard then return end
  local now, key = os.time(), keyOf(dr)
  if waiting[key] then waiting[key] = nil else spend(now) end
  kept[key] = now + ttl
end

local function judge(dr, group)
  if bit.band(at[2], 2) ~= 0 then return truncate(dr, group.floor) end
  local name, rcode, answer, authority = readSections()
  if name == nil or rcode ~= NOERROR and rcode ~= NXDOMAIN then return writeNegative(dr, SERVFAIL), group.floor end
  local chain, data, ttl, last = followChain(name, answer)
  if chain == nil then return writeNegative(dr, SERVFAIL), group.floor end
  local isPositive = rcode == NOERROR and #data > 0
  local good = isPositive and judgeData(group, data) or {}
  if isPositive and #good == 0 then ttl = LOCAL_TTL end
  if not isPositive then
    local isNegative
    ttl, isNegative = readNegative(rcode, answer, authority, last)
    if not isNegative then return writeNegative(dr, SERVFAIL), group.floor end
  end
  ttl = math.max(group.floor, math.min(ttl, MAX_TTL))
  if #good > 0 then return writePositive(dr, chain, good, ttl), ttl end
  return writeNegative(dr, rcode, ttl), ttl
end

-- An upstream's response, before it is kept.
local function onResponse(dr)
  look(dr)
  qtype = C.dnsdist_ffi_dnsquestion_get_qtype(dr)
  readClient(dr)
  local group = groups[tagOf(dr, "rule")]
  if group == nil then return writeNegative(dr, SERVFAIL) end
  local action, ttl = judge(dr, group)
  keep(dr, group, ttl or group.floor)
  return action
end

-- One that was kept, perhaps for another client: only the OPT at its end, and its size, are that client's.
local function onCacheHit(dr)
  look(dr)
  readClient(dr)
  local length = size
  if size > 12 and u16(10) == 1 then length = size - OPT_BYTES end
  ffi.copy(out, at, size)
  used = length
  out[11] = 0
  if length > room then
    used = 12 + #ffi.string(at + 12) + 5
    ffi.fill(out + 6, 6)
    out[2] = bit.bor(out[2], 2)
  end
  return finish(dr)
end
`;
