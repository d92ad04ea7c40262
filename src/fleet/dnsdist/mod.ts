/** A policy for dnsdist: a gate in front of its pools, which writes anew what goes upstream. */

import { type LabelSet, reservedSubnets } from "../../policy/mod.ts";
import type { Differences } from "../differences.ts";
import type { Engine, Source } from "../engine.ts";
import { findDifferences } from "./differences.ts";
import { Groups } from "./groups.ts";
import { ANSWER_LUA } from "./lua_answer.ts";
import { JUDGE_LUA } from "./lua_judge.ts";
import { QUERY_LUA } from "./lua_query.ts";
import { REPLY_LUA } from "./lua_reply.ts";
import { RESPONSE_LUA } from "./lua_response.ts";
import { RULES_LUA } from "./lua_rules.ts";
import { SPECIAL_LUA } from "./lua_special.ts";
import { describeRest } from "./notes.ts";
import {
  AUTOMATA_LUA,
  luaSubnets,
  NAMES_LUA,
  SHAPES_LUA,
  writeActions,
  writeGroup,
  writeLabels,
  writeNames,
} from "./rules.ts";
import { WITH_FILE_LUA, writeCache, writeServer, writeSettings } from "./settings.ts";

/** dnsdist, 1.7 and later. */
export const DNSDIST: Engine = {
  title: "dnsdist",
  comment: "--",
  notes: describeRest,
  write,
};

function* write(source: Source, differences: Differences): Generator<string> {
  const { policy } = source;
  findDifferences(source, differences);
  const groups = new Groups(policy.rules, policy.upstreams);
  yield writeSettings(policy);
  yield `local RESERVED = ${luaSubnets(reservedSubnets())}\n\n`;
  if (policy.upstreams.some(({ tls }) => tls?.roots !== undefined)) yield WITH_FILE_LUA;
  yield* policy.upstreams.map((upstream, i) => writeServer(upstream, i + 1, groups.all));
  yield* groups.all.map((group) => writeCache(group, policy));
  yield* [QUERY_LUA, REPLY_LUA, RULES_LUA, ANSWER_LUA, JUDGE_LUA, RESPONSE_LUA];
  yield `\n-- The rules ${"-".repeat(100)}\n${AUTOMATA_LUA}`;
  const automata = new Map<string, number>();
  for (const group of groups.all) {
    if (group.labels !== undefined) yield* newLabels(group.labels, automata);
    yield writeGroup(group, group.labels && automata.get(group.labels.text));
  }
  yield NAMES_LUA;
  yield* writeNames(policy, groups);
  yield `\n${SHAPES_LUA}${SPECIAL_LUA}`;
  yield writeActions(groups.all);
}

/** Each expression has one automaton, whoever uses it. */
function* newLabels(labels: LabelSet, automata: Map<string, number>): Generator<string> {
  if (automata.has(labels.text)) return;
  automata.set(labels.text, automata.size + 1);
  yield writeLabels(labels, automata.size);
}
