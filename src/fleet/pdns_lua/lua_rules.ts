/** The part of the script that finds the rule for a name. It is the same for every policy. */

/** After the profiles, and before the names: where names are put, and how `rules` reads them. */
export const LUA_INDEX = String
  .raw`local byte, find, gmatch, gsub = string.byte, string.find, string.gmatch, string.gsub
local lower, sub, time = string.lower, string.sub, os.time

-- The number of the profile of each name, by how far its rule reaches.
local exact, one, many = {}, {}, {}
-- Names that have a listed name below them; only where unlisted is "nxdomain".
local above = {}

local function add_above(name)
  while name ~= nil and not above[name] do
    above[name] = true
    local dot = find(name, ".", 1, true)
    if dot then name = sub(name, dot + 1) elseif name ~= "" then name = "" else name = nil end
  end
end

local function parent(name)
  local dot = find(name, ".", 1, true)
  return dot and sub(name, dot + 1) or ""
end

-- Reads names, one a line; "=2" says that those after it have profile 2.
local profile = 0
local function rules(text)
  for line in gmatch(text, "[^\n]+") do
    local first = byte(line)
    if first == 61 then -- =
      profile = tonumber(sub(line, 2))
    elseif first ~= 42 then -- *
      exact[line] = profile
      if UNLISTED == "nxdomain" then add_above(parent(line)) end
    elseif byte(line, 2) ~= 42 then
      local base = sub(line, 3)
      one[base] = profile
      if UNLISTED == "nxdomain" then add_above(base) end
    else
      local base = sub(line, 4)
      many[base] = profile
      if UNLISTED == "nxdomain" then add_above(base) end
    end
  end
end

local function networks(list)
  local group = newNMG()
  group:addMasks(list)
  return group
end

-- Reads what the labels before a wildcard may be: an automaton, one state a line from state 0 on, "+" where a label
-- may end and "-" where it may not, then letters and the state after each of them.
local function automaton(text)
  local states, number = {}, 0
  for line in gmatch(text, "[^\n]+") do
    local state = { ends = byte(line) == 43 }
    for letters, to in gmatch(line, "([^ ]+)>(%d+)") do
      for i = 1, #letters do state[byte(letters, i)] = tonumber(to) end
    end
    states[number] = state
    number = number + 1
  end
  return states
end
`;

/** After the names. */
export const LUA_FIND = String.raw`collectgarbage()
local has_one, has_many = next(one) ~= nil, next(many) ~= nil

-- Whether each label before the dot at "last" is what the profile wants.
local function fits(labels, name, last)
  local state = labels[0]
  for i = 1, last do
    local letter = byte(name, i)
    if letter == 46 then -- .
      if not state.ends then return false end
      state = labels[0]
    else
      state = labels[state[letter]]
      if state == nil then return false end
    end
  end
  return true
end

-- The profile, if its rule is in force and, for a wildcard, lets these labels stand before "dot".
local function match(number, name, dot, now)
  local found = number and PROFILES[number]
  if not found or (found.expires and now >= found.expires) then return nil end
  if dot and found.labels and not fits(found.labels, name, dot) then return nil end
  return found
end

-- The profile of the one rule that decides about a name, and whether that rule is a wildcard: the exact one, then *,
-- then ** from the longest to the shortest.
local function find_rule(name, now)
  local found = match(exact[name], name, nil, now)
  if found then return found, false end
  if not (has_one or has_many) or find(name, "[^a-z0-9_.-]") then return nil end
  local dot = find(name, ".", 1, true)
  if has_one and dot then
    found = match(one[sub(name, dot + 1)], name, dot, now)
    if found then return found, true end
  end
  while has_many and dot do
    found = match(many[sub(name, dot + 1)], name, dot, now)
    if found then return found, true end
    dot = find(name, ".", dot + 1, true)
  end
  return nil
end

-- Whether a wildcard would let a name through, were it not for letters that no label may hold: that is malformed. Where
-- its rule says what labels may be, the name is on no rule.
local function is_malformed(name, now)
  if not find(name, "[^a-z0-9_.-]") then return false end
  name = gsub(name, "\\.", "!") -- what dots are left stand between labels
  local dot = find(name, ".", 1, true)
  local found = dot and match(one[sub(name, dot + 1)], name, nil, now)
  if found and not found.labels then return true end
  while dot do
    found = match(many[sub(name, dot + 1)], name, nil, now)
    if found and not found.labels then return true end
    dot = find(name, ".", dot + 1, true)
  end
  return false
end

-- A name as the rules have it: small letters, no dot at the end, "" for the root.
local function text_of(name)
  return sub(lower(name:toString()), 1, -2)
end
`;
