/**
 * Which names and types one policy lets through and another one does not.
 *
 * The names of both are taken apart by their patterns: a name belongs to the most specific pattern of either policy that
 * has it. Within one part all names have the same rules to go by, in the same order, so that each part is compared once.
 */

import { WireName } from "../wire/mod.ts";
import { ANY_LABEL, areLabelsWithin } from "./labels.ts";
import type { Policy } from "./model.ts";
import type { NamePattern } from "./name_pattern.ts";
import { isLive, type Rule } from "./rule.ts";
import type { RuleTable } from "./rules.ts";

/** What of the names of a pattern one policy lets through and the other one does not. */
export interface ReachDifference {
  readonly pattern: NamePattern;
  /** The types, as numbers. */
  readonly types: readonly number[];
  /** The rule by which they are let through. */
  readonly rule: Rule;
  /** Whether it cannot be told that all of these names are new, only that some may be. */
  readonly isPart: boolean;
}

/**
 * What `wide` lets through at a time (ms since 1970) and `narrow` does not, in the order of `wide`. Where labels are
 * limited in more ways than one it may name more than there is, and never less.
 */
export function* findBeyond(wide: Policy, narrow: Policy, now: number): Generator<ReachDifference> {
  const base = new WireName();
  for (const rule of wide.rules.all()) {
    if (!isLive(rule, now)) continue;
    yield* compareAt(rule.pattern, wide.rules, narrow.rules, now, base);
  }
  // A pattern that only the other one has takes names out of a wider one, which may be wider here.
  for (const { pattern } of narrow.rules.all()) {
    const own = wide.rules.findPattern(pattern);
    if (own !== undefined && isLive(own, now)) continue;
    yield* compareAt(pattern, wide.rules, narrow.rules, now, base);
  }
}

function* compareAt(
  pattern: NamePattern,
  wide: RuleTable,
  narrow: RuleTable,
  now: number,
  scratch: WireName,
): Generator<ReachDifference> {
  const base = scratch.readText(pattern.base);
  const others = [...rulesFor(pattern, narrow, base, now)];
  const own = [...rulesFor(pattern, wide, base, now)];
  // Of one name it is known whether it has a rule's labels; of many only where all labels of one set are in another.
  const isAmong: IsAmong = pattern.reach === "exact"
    ? () => true
    : (one, other) => areLabelsWithin(one.labels ?? ANY_LABEL, other.labels ?? ANY_LABEL);
  for (const [i, rule] of own.entries()) {
    if (own.slice(0, i).some((earlier) => isAmong(rule, earlier))) continue;
    const types = [...rule.types].filter((type) => !isCovered(rule, type, others, isAmong));
    if (types.length === 0) continue;
    const isPart = others.some((other) => types.some((type) => other.types.has(type)));
    yield { pattern, types, rule, isPart };
  }
}

/** Whether all names of a pattern that have the labels of one rule have those of another one too. */
type IsAmong = (one: Rule, other: Rule) => boolean;

/** The rules that names of a pattern have to go by, the most specific first. */
function* rulesFor(
  { reach }: NamePattern,
  rules: RuleTable,
  base: WireName,
  now: number,
): Generator<Rule> {
  if (reach !== "exact") return yield* rules.findWildcards(reach, base, now);
  const rule = rules.find(base, now);
  if (rule !== undefined) yield rule;
}

/** Whether each name that a rule lets through with a type is let through with it by these as well. */
function isCovered(rule: Rule, type: number, others: readonly Rule[], isAmong: IsAmong): boolean {
  for (const other of others) {
    if (!other.types.has(type)) return false;
    if (isAmong(rule, other)) return true;
  }
  return false;
}
