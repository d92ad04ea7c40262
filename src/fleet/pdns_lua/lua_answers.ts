/** The part of the script that says what of an answer a client may have. It is the same for every policy. */

/** Addresses, aliases, and what is left of the records. */
export const LUA_ANSWERS = String.raw`local CNAME, SVCB, HTTPS = 5, 64, 65
local MOST_ALIASES = 16
local FILTERED = 17 -- RFC 8914 4.18

local reserved = networks(RESERVED)

local function may_pass(found, address)
  return address ~= nil and (found.private or not reserved:match(address)) and
    (found.within == nil or found.within:match(address))
end

-- The hints of a service record that may pass, as its parameter; nil where none may.
local function judge_hints(found, key, list)
  local kept = {}
  for address in gmatch(gsub(list, '"', ""), "[^,]+") do
    local good, parsed = pcall(newCA, address)
    if good and may_pass(found, parsed) then kept[#kept + 1] = address end
  end
  if #kept == 0 then return nil end
  return key .. "=" .. table.concat(kept, ",")
end

-- Takes bad hints from a service record; false where it may not pass at all.
local function judge_service(found, record)
  local kept, gone, mandatory = {}, {}, ""
  for word in gmatch(record:getContent(), "%S+") do
    local _, quotes = gsub(word, '"', "")
    if quotes % 2 == 1 or find(word, "\\", 1, true) then return false end
    local key, list = string.match(word, "^(ipv[46]hint)=(.*)$")
    local judged = word
    if key then judged = judge_hints(found, key, list) end
    if judged then kept[#kept + 1] = judged else gone[#gone + 1] = key end
    mandatory = string.match(word, "^mandatory=(.*)$") or mandatory
  end
  for _, key in ipairs(gone) do
    if find(mandatory, key, 1, true) then return false end
  end
  record:changeContent(table.concat(kept, " "))
  return true
end

local function judge(found, record)
  if record.type == pdns.A or record.type == pdns.AAAA then return may_pass(found, record:getCA()) end
  if record.type == SVCB or record.type == HTTPS then return judge_service(found, record) end
  return true
end

-- Follows the aliases from a name; they, the records of the type at their end, and the name there.
local function follow(records, name, qtype)
  local aliases, data, chain = {}, {}, {}
  for _, record in ipairs(records) do
    if record.place == ANSWER then
      local owner = text_of(record.name)
      if record.type == qtype then
        data[owner] = data[owner] or {}
        table.insert(data[owner], record)
      elseif record.type == CNAME then
        aliases[owner] = record
      end
    end
  end
  while not data[name] and aliases[name] and #chain < MOST_ALIASES do
    chain[#chain + 1] = aliases[name]
    name = sub(lower(aliases[name]:getContent()), 1, -2)
  end
  return chain, data[name] or {}, name
end

-- The targets of aliases that listed names were answered with, and for which profiles: where the data behind one has
-- to be asked for again, that goes upstream under the target's name.
local MOST_TARGETS = 100000
local targets, older_targets, target_count = {}, {}, 0

local function remember(target, found, is_wildcard)
  local known = targets[target]
  if known == nil then
    if target_count >= MOST_TARGETS then
      older_targets, targets, target_count = targets, {}, 0
    end
    known = older_targets[target] or {}
    targets[target] = known
    target_count = target_count + 1
  end
  known[found] = is_wildcard
end

-- The last answers, for the time when no new one can be had (RFC 8767).
local STALE_TTL, MOST_ANSWERS = 30, 100000
local answers, older_answers, answer_count = {}, {}, 0

local function keep(name, qtype, answer, ttl)
  if STALE == 0 then return end
  local key = name .. " " .. qtype
  if answers[key] == nil then
    if answer_count >= MOST_ANSWERS then
      older_answers, answers, answer_count = answers, {}, 0
    end
    answer_count = answer_count + 1
  end
  answer.ends = time() + ttl + STALE
  answers[key] = answer
end

local function find_stale(name, qtype)
  local key = name .. " " .. qtype
  local answer = answers[key] or older_answers[key]
  return answer and time() < answer.ends and answer or nil
end
`;
