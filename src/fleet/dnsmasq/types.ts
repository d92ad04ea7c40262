/** The record types of a policy, as those that dnsmasq takes out of answers. */

import type { Source } from "../engine.ts";
import { writtenRules } from "../restrictions.ts";

/** An alias stands in the answers to other types. */
export const CNAME = 5;
const TYPES = 1 << 16;
/** How many stand in a line: dnsmasq reads at most 1,024 bytes of one. */
const IN_A_LINE = 150;

/** All types that a rule lists. */
export function listedTypes(source: Source): ReadonlySet<number> {
  const types = new Set<number>();
  const lists = source.policy.rules.lists.map(({ template }) => template);
  for (const rule of [...writtenRules(source), ...lists]) {
    for (const type of rule.types) types.add(type);
  }
  return types;
}

/** Takes records of all other types out of answers, by their numbers. */
export function* filteredTypes(source: Source): Generator<string> {
  const listed = listedTypes(source);
  yield "\n# Records of these types are taken out of answers: of all that no rule lists, but CNAME.\n";
  let line: number[] = [];
  for (let type = 0; type < TYPES; type++) {
    if (type !== CNAME && !listed.has(type)) line.push(type);
    if (line.length < IN_A_LINE && type < TYPES - 1) continue;
    yield `filter-rr=${line.join(",")}\n`;
    line = [];
  }
}
