/** The part of the script that the Recursor calls. It is the same for every policy. */

/** The hooks, in the order in which a query meets them. */
export const LUA_HOOKS = String
  .raw`-- Before a query is read: by its header, what is no plain question gets nothing. Nor does a query without RD, since
-- the Recursor hands that on each time, without RD, whatever it has in its cache, and asks no preoutquery.
function ipfilter(_, _, header)
  return header:getQDCOUNT() ~= 1 or header:getANCOUNT() ~= 0 or header:getNSCOUNT() ~= 0 or
    header:getARCOUNT() > 1 or header:getOPCODE() ~= 0 or not header:getRD()
end

-- Before the cache of replies: after a rule has expired, those from before are not found any more.
if EXPIRIES[#EXPIRIES] and time() < EXPIRIES[#EXPIRIES] then
  local expired = 0
  function gettag()
    while EXPIRIES[expired + 1] and time() >= EXPIRIES[expired + 1] do expired = expired + 1 end
    return expired
  end
end

-- Before anything is looked up.
function preresolve(dq)
  local name = text_of(dq.qname)
  if SPECIAL_ENDS[sub(name, -5)] then
    local answered = answer_special(dq, name)
    if answered ~= nil then return answered end
  end
  local found = find_rule(name, time())
  if found == nil then return deny(dq, name) end
  if not found.types[dq.qtype] then return negative(dq, name, pdns.NOERROR, LOCAL_TTL) end
  dq.wantsRPZ = false -- past the zone that drops everything
  return false
end

-- When the last questions for names below wildcards were asked, as many as are allowed in an hour.
local asked, asked_count = {}, 0

local function is_budget_used()
  local oldest = WILDCARDS_PER_HOUR > 0 and asked[asked_count % WILDCARDS_PER_HOUR]
  return oldest == false or oldest ~= nil and time() - oldest <= 3600
end

local function may_ask(found, is_wildcard)
  if is_wildcard then
    if is_budget_used() then return false end
    asked[asked_count % WILDCARDS_PER_HOUR] = time()
    asked_count = asked_count + 1
  end
  return true
end

-- The rule for a question that is about to go to a server: the name's own, or that of a listed name which is an alias
-- for it. The third result: the rule is there, but for other servers.
local function rule_upstream(name, qtype, server)
  local now, is_elsewhere = time(), false
  local found, is_wildcard = find_rule(name, now)
  if found and found.types[qtype] then
    if found.upstreams[server] then return found, is_wildcard end
    is_elsewhere = true
  end
  for other, is_below in pairs(targets[name] or older_targets[name] or {}) do
    if other.types[qtype] and (other.expires == nil or now < other.expires) then
      if other.upstreams[server] then return other, is_below end
      is_elsewhere = true
    end
  end
  return nil, false, is_elsewhere
end

-- Before each question to an upstream, whatever it is for: the second gate.
function preoutquery(dq)
  local server = dq.remoteaddr:toStringWithPort()
  local found, is_wildcard, is_elsewhere = rule_upstream(text_of(dq.qname), dq.qtype, server)
  if found and may_ask(found, is_wildcard) then return false end
  if not is_elsewhere then dq.rcode = -3 end -- ends the whole query; without it the next server is tried
  return true
end

local function least_ttl(records, ttl)
  for _, record in ipairs(records) do ttl = math.min(ttl, record.ttl) end
  return ttl
end

local function negative_ttl(records)
  for _, record in ipairs(records) do
    if record.place == AUTHORITY and record.type == pdns.SOA then return record.ttl end
  end
  return LOCAL_TTL
end

-- No answer came: the last one serves. An alias that leads where nothing may be asked is a name without data.
local function fail(dq, name, chain, last, is_wildcard)
  local answer = find_stale(name, dq.qtype)
  if answer and answer.records then
    for _, record in ipairs(answer.records) do record.ttl = STALE_TTL end
    dq:setRecords(answer.records)
    dq.rcode = pdns.NOERROR
    return true
  end
  if answer then return negative(dq, name, answer.rcode, STALE_TTL) end
  if is_wildcard and is_budget_used() then return deny(dq, name) end
  local _, _, may_be_asked = rule_upstream(last, dq.qtype, "")
  if #chain > 0 and not may_be_asked then return negative(dq, name, pdns.NOERROR, LOCAL_TTL) end
  dq.rcode = pdns.SERVFAIL
  return true
end

-- Without data: NXDOMAIN, unless there is an alias, whose name exists (RFC 6604 3).
local function answer_negative(dq, name, records, chain)
  local rcode = #chain > 0 and pdns.NOERROR or dq.rcode
  local ttl = negative_ttl(records)
  keep(name, dq.qtype, { rcode = rcode }, ttl)
  return negative(dq, name, rcode, ttl)
end

-- After the look-up, from the cache too: what of the answer the client may have.
function postresolve(dq)
  local name = text_of(dq.qname)
  local records = dq:getRecords()
  dq:setRecords({}) -- from here on nothing passes that is not put back
  local found, is_wildcard = find_rule(name, time())
  if found == nil then return deny(dq, name) end
  if not found.types[dq.qtype] then return negative(dq, name, pdns.NOERROR, LOCAL_TTL) end
  local chain, data, last = follow(records, name, dq.qtype)
  if dq.rcode ~= pdns.NOERROR and dq.rcode ~= pdns.NXDOMAIN then
    return fail(dq, name, chain, last, is_wildcard)
  end
  if dq.rcode == pdns.NXDOMAIN or #data == 0 then
    return answer_negative(dq, name, records, chain)
  end
  local kept = {}
  for _, record in ipairs(chain) do
    kept[#kept + 1] = record
    remember(sub(lower(record:getContent()), 1, -2), found, is_wildcard)
  end
  for _, record in ipairs(data) do
    if judge(found, record) then kept[#kept + 1] = record end
  end
  if #kept == #chain then
    dq.extendedErrorCode = FILTERED
    return negative(dq, name, pdns.NOERROR, LOCAL_TTL)
  end
  local ttl = least_ttl(kept, kept[1].ttl)
  for _, record in ipairs(kept) do record.ttl = ttl end
  keep(name, dq.qtype, { records = kept }, ttl)
  dq:setRecords(kept)
  return true
end
`;
