/** The rules of a policy, as dnsdist's. */

import { ALPHABET, type LabelSet, type Policy, type Rule, type Subnet } from "../../policy/mod.ts";
import type { Group, Groups } from "./groups.ts";
import { luaString, poolOf, seconds } from "./settings.ts";

/** What no rule can let through, said in dnsdist's own words, which cost least. */
export const SHAPES_LUA =
  `-- What is no plain question gets nothing. The gate looks once more, and closer.
addAction(NotRule(OpcodeRule(DNSOpcode.Query)), DropAction())
addAction(NotRule(QClassRule(1)), DropAction())
addAction(NotRule(RecordsCountRule(DNSSection.Question, 1, 1)), DropAction())
addAction(NotRule(RecordsCountRule(DNSSection.Answer, 0, 0)), DropAction())
addAction(NotRule(RecordsCountRule(DNSSection.Authority, 0, 0)), DropAction())
addAction(NotRule(RecordsCountRule(DNSSection.Additional, 0, 1)), DropAction())
addAction(TrailingDataRule(), DropAction())
`;

/** Subnets as a Lua table of their bytes and bits. */
export function luaSubnets(subnets: readonly Subnet[]): string {
  const all = subnets.map(({ text, bytes, bits }) =>
    `  { "${bytes.map((byte) => `\\${byte}`).join("")}", ${bits} }, -- ${text}\n`
  );
  return `{\n${all.join("")}}`;
}

/** The labels that a wildcard's stars may be: an automaton of its expression. */
export function writeLabels(labels: LabelSet, number: number): string {
  const { next, accepts } = labels.automaton!;
  const rows = accepts.map((_, state) =>
    next.subarray(state * ALPHABET.length, (state + 1) * ALPHABET.length).join()
  );
  const ends = accepts.map((isEnd) => isEnd ? 1 : 0).join("");
  return `-- ${labels.text}\nautomata[${number}] = newAutomaton([[\n${
    rows.join("\n")
  }\n]], "${ends}")\n`;
}

/** For the automata: a row for each state, with the state that each letter leads to. */
export const AUTOMATA_LUA = `
local automata = {}

local function newAutomaton(rows, ends)
  local next, accepts, number = {}, {}, {}
  local letters = "${ALPHABET}"
  for i = 1, #letters do number[letters:byte(i)] = i - 1 end
  local i = 0
  for state in rows:gmatch("-?%d+") do
    next[i] = tonumber(state)
    i = i + 1
  end
  for state = 1, #ends do accepts[state - 1] = ends:sub(state, state) == "1" end
  return { next = next, accepts = accepts, number = number }
end
`;

/** What the rules of a group let through. */
export function writeGroup(group: Group, automaton: number | undefined): string {
  const { number, rule } = group;
  const fields = [
    `tag = "${number}"`,
    `pool = ${luaString(poolOf(group))}`,
    `types = { ${
      [...rule.types].sort((a, b) => a - b).map((type) => `[${type}] = true`).join(", ")
    } }`,
    `floor = ${seconds(rule.minTtl)}`,
    `private = ${rule.allowsPrivate}`,
    `isWildcard = ${rule.pattern.reach !== "exact"}`,
  ];
  if (rule.expires !== undefined) {
    const date = new Date(rule.expires).toISOString();
    fields.push(`-- ${date}\n  expires = ${Math.floor(rule.expires / 1000)}`);
  }
  if (automaton !== undefined) fields.push(`labels = automata[${automaton}]`);
  if (rule.within !== undefined) fields.push(`within = ${luaSubnets(rule.within.subnets)}`);
  return `groups[${number}] = {\n  ${fields.join(",\n  ")},\n}\n`;
}

/** For the names: each list is one string, which costs no constants of Lua's. */
export const NAMES_LUA = `
local exact = {}

local function eachName(names, use)
  for name in names:gmatch("%S+") do
    use(name)
    if UNLISTED == "nxdomain" then addAbove(name:match("%.(.*)") or "") end
  end
end

local function addExact(number, names)
  exact[number] = exact[number] or newDNSNameSet()
  local set = exact[number]
  eachName(names, function(name) set:add(newDNSName(name)) end)
end

local function addWildcards(rules, number, names)
  eachName("*." .. names:gsub("%s+(%S)", " *.%1"), function(name) rules[name:sub(3)] = number end)
end
`;

/** How many names stand in one string. */
const NAMES_TOGETHER = 10_000;

/** The calls that add names, in the policy's order; those of one group and reach that follow each other are together. */
export function* writeNames(policy: Policy, groups: Groups): Generator<string> {
  let call = "";
  let names: string[] = [];
  for (const rule of policy.rules.all()) {
    const its = callOf(rule, groups.of(rule));
    if (its !== call || names.length === NAMES_TOGETHER) {
      if (names.length > 0) yield `${call} [[\n${names.join("\n")}\n]])\n`;
      call = its;
      names = [];
    }
    names.push(rule.pattern.base);
  }
  if (names.length > 0) yield `${call} [[\n${names.join("\n")}\n]])\n`;
}

function callOf({ pattern: { reach } }: Rule, { number }: Group): string {
  return reach === "exact" ? `addExact(${number},` : `addWildcards(${reach}, ${number},`;
}

/** The actions of the rules: exact names first, then all others. */
export function writeActions(groups: readonly Group[]): string {
  const exact = groups.filter(({ rule }) => rule.pattern.reach === "exact");
  const actions = exact.map(({ number }) =>
    `addAction(QNameSetRule(exact[${number}]), onExact(groups[${number}]))\n`
  );
  return `
-- The most specific rule alone decides: exact names, then wildcards; what is left is on no rule.
${actions.join("")}addAction(AllRule(), LuaFFIAction(onOther))
addResponseAction(AllRule(), LuaFFIResponseAction(onResponse))
addCacheHitResponseAction(AllRule(), LuaFFIResponseAction(onCacheHit))
`;
}
