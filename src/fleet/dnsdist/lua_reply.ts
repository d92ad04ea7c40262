/** The part of the gate that writes replies, in Lua. */

/** Writes what clients get into the packet, from scratch. */
export const REPLY_LUA = String.raw`
-- What a client gets, written from scratch and then put in the packet's place.
local out, used = ffi.new("uint8_t[65536]"), 0
local rawName, rawSize = ffi.new("const char*[1]"), ffi.new("size_t[1]")
local SOURCE = "\6fw-dns\7invalid\0\6nobody\7invalid\0"
local LOCAL_TTL, LOOPBACK_TTL = 10, 86400

local function put16(value)
  out[used], out[used + 1] = bit.band(bit.rshift(value, 8), 255), bit.band(value, 255)
  used = used + 2
end

local function put32(value)
  put16(math.floor(value / 65536))
  put16(value % 65536)
end

local function putString(value)
  ffi.copy(out + used, value, #value)
  used = used + #value
end

local function countAt(i, count) out[i], out[i + 1] = math.floor(count / 256), count % 256 end

-- The header and the question as the client wrote it.
local function beginReply(dq, rcode)
  local header = ffi.cast("uint8_t*", C.dnsdist_ffi_dnsquestion_get_header(dq))
  ffi.fill(out, 12)
  out[0], out[1] = header[0], header[1]
  out[2], out[3] = 0x80 + bit.band(header[2], 0x01), 0x80 + bit.band(header[3], 0x10) + rcode
  out[5] = 1
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, rawName, rawSize)
  ffi.copy(out + 12, rawName[0], rawSize[0])
  used = 12 + tonumber(rawSize[0])
  put16(C.dnsdist_ffi_dnsquestion_get_qtype(dq))
  put16(1)
end

local function putOpt(withDnssecOk)
  putString("\0\0\41\4\208\0\0")
  put16(withDnssecOk and 0x8000 or 0)
  put16(0)
  out[11] = 1
end

local function putRecord(owner, kind, ttl, data)
  put16(0xc000 + owner)
  put16(kind)
  put16(1)
  put32(ttl)
  put16(#data)
  putString(data)
end

-- At the asked name, or, where that does not exist, at the name above it.
local function putSoa(rcode, ttl)
  local parent = 13 + out[12]
  local start = used
  put16(0xc00c)
  if rcode == NXDOMAIN and (out[12] == 0 or out[parent] == 0) then
    used = start
    putString("\0")
  elseif rcode == NXDOMAIN then
    used = start
    put16(0xc000 + parent)
  end
  put16(SOA)
  put16(1)
  put32(ttl)
  put16(#SOURCE + 20)
  putString(SOURCE)
  for _, number in ipairs({ 1, 3600, 600, 86400, ttl }) do put32(number) end
  countAt(8, 1)
end

local function endReply(dq)
  if not C.dnsdist_ffi_dnsquestion_set_size(dq, used) then error("no memory") end
  ffi.copy(C.dnsdist_ffi_dnsquestion_get_header(dq), out, used)
end

-- Replies to a query that was just read. RFC 2308 3: what is negative has an SOA.
local function replyWith(dq, rcode, data, ttl)
  beginReply(dq, rcode)
  if data then
    putRecord(12, qtype, ttl, data)
    countAt(6, 1)
  elseif rcode == NOERROR or rcode == NXDOMAIN then
    putSoa(rcode, LOCAL_TTL)
  end
  if hasOpt then putOpt(dnssecOk) end
  endReply(dq)
  return DONE
end
`;
