/** A policy for PowerDNS Recursor: a Lua script, and the settings that belong to it as marked comments. */

import type { Policy, Rule } from "../../policy/mod.ts";
import type { Differences } from "../differences.ts";
import type { Engine, Source } from "../engine.ts";
import { LUA_ANSWERS } from "./lua_answers.ts";
import { LUA_HOOKS } from "./lua_hooks.ts";
import { LUA_LOCAL } from "./lua_local.ts";
import { LUA_FIND, LUA_INDEX } from "./lua_rules.ts";
import { NOTES, SETTING_MARK } from "./notes.ts";
import { Profiles, reservedNetworks } from "./profiles.ts";
import { Servers } from "./servers.ts";
import { settingLines } from "./settings.ts";

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
  const names: string[] = [];
  // The profiles stand before the names, and are known when these are.
  for (
    const piece of namePieces(policy, profiles, (rule) => {
      floor = Math.max(floor, Math.ceil(rule.minTtl / 1000));
      if (rule.mode === "hermetic") {
        differences.addRule(rule, "hermetic mode", "clients cause questions, as in mode forward");
      }
    })
  ) names.push(piece);
  const mayBeStale = checkStale(policy, differences);
  const settings = settingLines(policy, { servers, floor: Math.max(1, floor), mayBeStale });
  yield settings.map((line) => `${SETTING_MARK}${line}\n`).join("");
  yield constants(policy, profiles);
  yield `\n${LUA_INDEX}\n`;
  yield profileLines(profiles);
  yield* names;
  for (const part of [LUA_FIND, LUA_LOCAL, LUA_ANSWERS, LUA_HOOKS]) yield `\n${part}`;
}

/** What is refreshed after its time goes by no rule, so it could go to a server that its rule does not name. */
function checkStale({ cache, rules, upstreams }: Policy, differences: Differences): boolean {
  if (cache.stale === 0) return false;
  const hasOwnServers = (rule: Rule): boolean => rule.upstreams.length !== upstreams.length;
  if (!rules.rules.some(hasOwnServers)) return true;
  differences.addSetting(
    ["cache", "stale"],
    "stale answers where rules have upstreams of their own",
    "nothing is served past its TTL, and a client gets SERVFAIL while no upstream answers",
  );
  return false;
}

function constants({ unlisted, budget }: Policy, profiles: Profiles): string {
  return `
local UNLISTED = "${unlisted}"
local WILDCARDS_PER_HOUR = ${budget.wildcardsPerHour}
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
