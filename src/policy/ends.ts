/** Rules that end by themselves. */

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
