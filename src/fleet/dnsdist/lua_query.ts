/** The part of the gate that reads a client's query, in Lua. */

import { ALPHABET } from "../../policy/mod.ts";

/** Reads the bytes of a query strictly, and its name in small letters. */
export const QUERY_LUA = String.raw`
-- The gate ---------------------------------------------------------------------------------------------------------
-- It works on the bytes of a packet, by dnsdist's own FFI. An error in it ends in SERVFAIL.

local ffi, bit = require("ffi"), require("bit")
local C = ffi.C
local DROP, POOL, DONE, GO_ON = DNSAction.Drop, DNSAction.Pool, DNSAction.HeaderModify, DNSAction.None
local A, CNAME, SOA, NS, PTR, AAAA, OPT, SVCB, HTTPS = 1, 5, 6, 2, 12, 28, 41, 64, 65
local NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
local OPT_BYTES, PLAIN_UDP_BYTES, MAX_UDP_BYTES = 11, 512, 1232

-- The packet that is looked at, and what was read of it. "room": the most that the client takes over UDP.
local at, size = nil, 0
local questionEnd, qtype = 0, 0
local hasOpt, dnssecOk, room = false, false, PLAIN_UDP_BYTES

local function u16(i) return at[i] * 256 + at[i + 1] end
local function u32(i) return u16(i) * 65536 + u16(i + 2) end

local function look(dq)
  at = ffi.cast("uint8_t*", C.dnsdist_ffi_dnsquestion_get_header(dq))
  size = tonumber(C.dnsdist_ffi_dnsquestion_get_size(dq))
end

-- One OPT of version 0 from "i" to the end, whose options fit (RFC 6891 6.1.2).
local function readOpt(i)
  if i + OPT_BYTES > size or at[i] ~= 0 or u16(i + 1) ~= OPT or at[i + 6] ~= 0 then return false end
  local option = i + OPT_BYTES
  if option + u16(i + 9) ~= size then return false end
  while option < size do
    if option + 4 > size then return false end
    option = option + 4 + u16(option + 2)
  end
  room = math.min(math.max(u16(i + 3), PLAIN_UDP_BYTES), MAX_UDP_BYTES)
  dnssecOk = at[i + 7] >= 0x80
  return option == size
end

-- Whether the packet is one plain question in class IN, and not a byte more.
local function readQuery(dq)
  look(dq)
  hasOpt, dnssecOk, room = false, false, PLAIN_UDP_BYTES
  if size < 17 or bit.band(at[2], 0xf8) ~= 0 then return false end
  if u16(4) ~= 1 or u16(6) ~= 0 or u16(8) ~= 0 or u16(10) > 1 then return false end
  local i = 12
  while at[i] ~= 0 do
    if at[i] > 63 then return false end
    i = i + at[i] + 1
    if i >= size or i > 12 + 254 then return false end
  end
  questionEnd = i + 5
  if questionEnd > size or u16(i + 3) ~= 1 then return false end
  qtype = u16(i + 1)
  hasOpt = u16(10) == 1
  if hasOpt then return readOpt(questionEnd) end
  return size == questionEnd
end

-- The name that is asked for, with dots, in small letters.
local text, starts, letters, labels = ffi.new("uint8_t[256]"), ffi.new("int[130]"), 0, 0
local small = ffi.new("uint8_t[256]")
for letter in ("${ALPHABET}"):gmatch(".") do
  small[letter:byte()] = letter:byte()
  small[letter:upper():byte()] = letter:byte()
end

-- False where a label has anything but letters, digits, "-" and "_": no rule lets such a name through. In its place
-- stands what no rule's name has.
local function readName()
  letters, labels = 0, 0
  local isPlain = true
  local i = 12
  while at[i] ~= 0 do
    if labels > 0 then
      text[letters] = 46
      letters = letters + 1
    end
    starts[labels] = letters
    labels = labels + 1
    for j = i + 1, i + at[i] do
      local letter = small[at[j]]
      isPlain = isPlain and letter ~= 0
      text[letters] = letter
      letters = letters + 1
    end
    i = i + at[i] + 1
  end
  starts[labels] = letters
  return isPlain
end

-- The name without so many of its first labels.
local function nameFrom(label) return ffi.string(text + starts[label], letters - starts[label]) end
`;
