/** A policy for PowerDNS Recursor: a Lua script, and the settings that belong to it as marked comments. */

import type { Policy, Rule } from "../../policy/mod.ts";
import type { Differences } from "../differences.ts";
import type { Engine, Source } from "../engine.ts";
import { seconds } from "../restrictions.ts";
import { LUA_ANSWERS } from "./lua_answers.ts";
import { LUA_HOOKS } from "./lua_hooks.ts";
import { LUA_LOCAL } from "./lua_local.ts";
import { LUA_FIND, LUA_INDEX } from "./lua_rules.ts";
import { MARKS, NOTES } from "./notes.ts";
import { Profiles, reservedNetworks } from "./profiles.ts";
import { Servers } from "./servers.ts";
import { CLOSED_LINES, settingLines, ZONE_LINES } from "./settings.ts";

/** So many lines of names are one constant of the script: a function of LuaJIT has at most 65,536 of them. */
const LINES_A_PIECE = 50_000;

/** PowerDNS Recursor. */
export const PDNS_LUA: Engine = {
  title: "PowerDNS Recursor",
  comment: "--",
  notes: () => NOTES,
  write,
};

function* write({ policy }: Source, differences: Differences): Generator<string> {
  const servers = new Servers(policy, differences);
  const profiles = new Profiles(servers);
  let floor = 0;
  // The profiles stand before the names, and are known when these are.
  const names = [...namePieces(policy, profiles, (rule) => {
    floor = Math.max(floor, seconds(rule.minTtl));
    if (rule.mode === "hermetic") {
      differences.addRule(rule, "hermetic mode", "clients cause questions, as in mode forward");
    }
  })];
  const settings = settingLines(policy, { servers, floor: Math.max(1, floor) });
  yield marked(MARKS.setting, settings);
  yield marked(MARKS.closed, CLOSED_LINES);
  yield marked(MARKS.zone, ZONE_LINES);
  yield constants(policy, profiles);
  yield `\n${LUA_INDEX}\n`;
  yield profileLines(profiles);
  yield* names;
  for (const part of [LUA_FIND, LUA_LOCAL, LUA_ANSWERS, LUA_HOOKS]) yield `\n${part}`;
}

function marked(mark: string, lines: readonly string[]): string {
  return `${lines.map((line) => `${mark}${line}\n`).join("")}\n`;
}

function constants({ unlisted, budget, cache }: Policy, profiles: Profiles): string {
  return `
local UNLISTED = "${unlisted}"
local WILDCARDS_PER_HOUR = ${budget.wildcardsPerHour}
-- For how long answers may be served past their TTL while no other comes, in s.
local STALE = ${Math.floor(cache.stale / 1000)}
-- When rules expire, in s since 1970.
local EXPIRIES = { ${profiles.expiries.join(", ")} }
-- Addresses that are not for the Internet.
local RESERVED = {
${reservedNetworks().map((network) => `  ${network},\n`).join("")}}
`;
}

function profileLines({ texts }: Profiles): string {
  const list = texts.map((text, i) => `PROFILES[${i + 1}] = ${text}\n`).join("\n");
  return `
-- What rules have in common: the names below say which of these is theirs.
local PROFILES = {}
${list}
`;
}

/** All rules, expired ones too: what is above their names exists. `look` is shown each. */
function* namePieces(
  policy: Policy,
  profiles: Profiles,
  look: (rule: Rule) => void,
): Generator<string> {
  let lines: string[] = [];
  let last = 0;
  for (const rule of policy.rules.all()) {
    look(rule);
    const number = profiles.numberOf(rule);
    if (number !== last) lines.push(`=${number}`);
    last = number;
    lines.push(rule.name);
    if (lines.length < LINES_A_PIECE) continue;
    yield namesPiece(lines);
    lines = [];
  }
  if (lines.length > 0) yield namesPiece(lines);
}

function namesPiece(lines: readonly string[]): string {
  return `rules [[\n${lines.join("\n")}\n]]\n`;
}
