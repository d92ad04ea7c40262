/** The part of the gate that decides, in Lua. */

import { ALPHABET } from "../../policy/mod.ts";

/** Decides by the name and the type, and writes anew what goes upstream. */
export const RULES_LUA = String.raw`
-- What each kind of rule lets through, and the wildcards, by what follows their stars.
local groups, one, many = {}, {}, {}

local function isLive(group) return group.expires == nil or os.time() < group.expires end

-- Walks a label from state to state.
local function isWord(automaton, label)
  local state = 0
  for i = starts[label], (label + 1 < labels and starts[label + 1] - 1 or letters) - 1 do
    local letter = automaton.number[text[i]]
    if letter == nil then return false end
    state = automaton.next[state * ${ALPHABET.length} + letter]
    if state < 0 then return false end
  end
  return automaton.accepts[state]
end

local function fits(group, stars)
  if group == nil or not isLive(group) then return false end
  for label = 0, group.labels and stars - 1 or -1 do
    if not isWord(group.labels, label) then return false end
  end
  return true
end

-- The most specific rule alone decides: "*." before "**.", and of these the longest.
local function findWildcard()
  if labels == 0 then return nil end
  local group = groups[one[nameFrom(1)]]
  if fits(group, 1) then return group end
  for label = 1, labels - 1 do
    group = groups[many[nameFrom(label)]]
    if fits(group, label) then return group end
  end
end

-- The question that goes upstream: of the client's bytes only its name, in small letters, and its type are in it.
local function forward(dq, group)
  if hasOpt then
    C.dnsdist_ffi_dnsquestion_set_tag(dq, "opt", tostring(room + (dnssecOk and 65536 or 0)))
  end
  C.dnsdist_ffi_dnsquestion_set_tag(dq, "rule", group.tag)
  local last = questionEnd
  if not C.dnsdist_ffi_dnsquestion_set_size(dq, last + OPT_BYTES) then return DROP end
  look(dq)
  at[2], at[3] = 1, 0
  ffi.fill(at + 4, 8)
  at[5], at[11] = 1, 1
  for i = 12, last - 5 do
    if at[i] >= 65 and at[i] <= 90 then at[i] = at[i] + 32 end
  end
  ffi.copy(at + last, "\0\0\41\4\208\0\0\0\0\0\0", OPT_BYTES)
  C.dnsdist_ffi_dnsquestion_set_use_ecs(dq, false)
  C.dnsdist_ffi_dnsquestion_set_temp_failure_ttl(dq, group.floor)
  C.dnsdist_ffi_dnsquestion_set_result(dq, group.pool, #group.pool)
  return POOL
end

-- With NXDOMAIN, a name above a listed one must not be said not to exist (RFC 8020 2).
local above = {}

local function addAbove(name)
  while not above[name] and name ~= "" do
    above[name] = true
    name = name:match("%.(.*)") or ""
  end
end

local function isOctet(label) return label == "0" or label:match("^[1-9]%d?%d?$") and tonumber(label) < 256 end

-- Whether the name is 127.in-addr.arpa with so many octets before it.
local function isLoopback(least, most)
  if labels < least + 3 or labels > most + 3 or nameFrom(labels - 3) ~= "127.in-addr.arpa" then return false end
  for octet in nameFrom(0):sub(1, -17):gmatch("[^.]+") do
    if not isOctet(octet) then return false end
  end
  return true
end

local function answerUnlisted(dq)
  if UNLISTED == "drop" then return DROP end
  if UNLISTED == "refused" then return replyWith(dq, REFUSED) end
  if readName() and (labels == 0 or above[nameFrom(0)] or isLoopback(0, 2)) then return replyWith(dq, NOERROR) end
  return replyWith(dq, NXDOMAIN)
end

-- Names below wildcards can be made up: so many questions for them go upstream in any hour. What is kept costs none.
local kept, waiting, spent, first, last, swept = {}, {}, {}, 1, 0, os.time()

local function keyOf(dq)
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, rawName, rawSize)
  return ffi.string(rawName[0], rawSize[0]):lower() .. C.dnsdist_ffi_dnsquestion_get_qtype(dq) ..
    (C.dnsdist_ffi_dnsquestion_get_tcp(dq) and "t" or "u")
end

local function sweep(now)
  if now - swept < 60 then return end
  swept = now
  for key, time in pairs(kept) do if time <= now then kept[key] = nil end end
  for key, time in pairs(waiting) do if time <= now then waiting[key] = nil end end
end

local function spend(now)
  last = last + 1
  spent[last] = now
end

local function mayAsk(dq)
  local now, key = os.time(), keyOf(dq)
  sweep(now)
  if (kept[key] or 0) > now then return true end
  while first <= last and spent[first] <= now - 3600 do
    spent[first] = nil
    first = first + 1
  end
  if last - first + 1 >= WILDCARDS_PER_HOUR then return false end
  spend(now)
  waiting[key] = now + 60
  return true
end

local function answerBy(dq, group)
  if not group.types[qtype] then return replyWith(dq, NOERROR) end
  if group.isWildcard and not mayAsk(dq) then return answerUnlisted(dq) end
  return forward(dq, group)
end

-- The rules that dnsdist calls.
local function onExact(group)
  return LuaFFIAction(function(dq)
    if not readQuery(dq) then return DROP end
    if not isLive(group) then return GO_ON end
    return answerBy(dq, group)
  end)
end

local function onOther(dq)
  if not readQuery(dq) then return DROP end
  local isPlain, group = readName(), findWildcard()
  if group == nil then return answerUnlisted(dq) end
  if not isPlain then return DROP end
  return answerBy(dq, group)
end
`;
