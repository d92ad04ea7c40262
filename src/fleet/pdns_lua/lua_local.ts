/** The part of the script that answers without asking anybody. It is the same for every policy. */

/** Refusals, empty answers and special names. */
export const LUA_LOCAL = String.raw`local ANSWER, AUTHORITY = 1, 2
local LOCAL_TTL = 10

-- Both of these expect that there are no records yet.
local function negative(dq, name, rcode, ttl)
  dq.rcode = rcode
  local owner = dq.qname:toString()
  if rcode == pdns.NXDOMAIN then owner = parent(name) .. "." end
  local numbers = " 1 3600 600 86400 " .. ttl
  dq:addRecord(pdns.SOA, "fw-dns.invalid. nobody.invalid." .. numbers, AUTHORITY, ttl, owner)
  return true
end

local LOCALHOST, CANARY = newDN("localhost."), newDN("use-application-dns.net.")
local RESOLVER = newDN("resolver.arpa.")
local LOOPBACK6 = "1." .. string.rep("0.", 31) .. "ip6.arpa"

for _, name in ipairs({ "localhost", "use-application-dns.net", "resolver.arpa", "127.in-addr.arpa", LOOPBACK6 }) do
  if UNLISTED == "nxdomain" then add_above(parent(name)) end
end

-- How many octets stand before 127.in-addr.arpa; nil: it is none of these names.
local function loopback_octets(name)
  if name == "127.in-addr.arpa" then return 0 end
  local octets = string.match(name, "^([0-9.]+)%.127%.in%-addr%.arpa$")
  if octets == nil then return nil end
  local count = 0
  for octet in gmatch(octets .. ".", "([^.]*)%.") do
    if octet ~= "0" and not find(octet, "^[1-9]%d?%d?$") or tonumber(octet) > 255 then return nil end
    count = count + 1
  end
  return count
end

-- Answers a special name (RFC 6761, RFC 9462, Firefox's canary); nil where it is none.
local function answer_special(dq, name)
  if dq.qname:isPartOf(LOCALHOST) then
    if dq.qtype == pdns.A then dq:addAnswer(pdns.A, "127.0.0.1", 86400)
    elseif dq.qtype == pdns.AAAA then dq:addAnswer(pdns.AAAA, "::1", 86400)
    else return negative(dq, name, pdns.NOERROR, LOCAL_TTL) end
    return true
  end
  if name == LOOPBACK6 or loopback_octets(name) == 3 then
    if dq.qtype ~= pdns.PTR then return negative(dq, name, pdns.NOERROR, LOCAL_TTL) end
    dq:addAnswer(pdns.PTR, "localhost.", 86400)
    return true
  end
  if dq.qname:isPartOf(CANARY) then return negative(dq, name, pdns.NXDOMAIN, LOCAL_TTL) end
  if dq.qname:isPartOf(RESOLVER) then return negative(dq, name, pdns.NOERROR, LOCAL_TTL) end
  return nil
end

-- The last letters of special names: no other name is looked at more closely.
local SPECIAL_ENDS = { lhost = true, ["s.net"] = true, [".arpa"] = true }

-- What a name on no rule gets, and nothing what is malformed. Were the drop not heeded, it would still be refused.
local function deny(dq, name)
  dq.variable = true -- no place in the cache for what clients can make up
  local is_dropped = UNLISTED == "drop" or is_malformed(name, time())
  if UNLISTED == "nxdomain" and not is_dropped then
    local octets = loopback_octets(name)
    local is_above = above[name] or (octets and octets < 3)
    return negative(dq, name, is_above and pdns.NOERROR or pdns.NXDOMAIN, LOCAL_TTL)
  end
  dq.rcode = pdns.REFUSED
  if is_dropped then dq.appliedPolicy.policyKind = pdns.policykinds.Drop end
  return true
end
`;
