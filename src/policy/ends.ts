/** Rules that end by themselves, and the rule that a name has already. */

import { WireName } from "../wire/mod.ts";
import { formatPattern, type NamePattern } from "./name_pattern.ts";
import type { Rule } from "./rule.ts";
import type { RuleTable } from "./rules.ts";

/** A rule that has an end. */
export type EndingRule = Rule & { readonly expires: number };

/** The rules that are in force at a time (ms since 1970) and will end, those that end first before the others. */
export function listEnding({ rules }: RuleTable, now: number): EndingRule[] {
  return rules.filter((rule): rule is EndingRule =>
    rule.expires !== undefined && now < rule.expires
  )
    .sort((a, b) => a.expires - b.expires || a.number - b.number);
}

/** The rule with exactly this name, stars and all, in force or not. Reads the files of names for a wildcard. */
export function findSame(rules: RuleTable, pattern: NamePattern): Rule | undefined {
  const { reach, base } = pattern;
  if (reach === "exact") return rules.findExact(WireName.of(base));
  const name = formatPattern(pattern);
  const written = rules.rules.find((rule) => rule.name === name);
  if (written !== undefined) return written;
  const read = new WireName();
  for (const list of rules.lists) {
    for (const listed of rules.namesOf(list, read)) {
      if (listed.reach !== reach || rules.textAt(listed.place) !== base) continue;
      return rules.ruleOf(listed);
    }
  }
  return undefined;
}
