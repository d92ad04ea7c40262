/** What is wrong with rules by themselves, once each key is right: floors, modes and labels that do not go together. */

import { formatDuration } from "./duration.ts";
import type { Policy } from "./model.ts";
import { quote } from "./name_pattern.ts";
import type { PathProblem } from "./problem.ts";
import type { Rule } from "./rule.ts";
import { HIGHEST_RATE } from "./schema.ts";

/** Every problem with the rules of a policy, each by itself, that is right in all its keys. */
export function checkRules(policy: Policy): PathProblem[] {
  return [
    ...checkCache(policy),
    ...policy.rules.rules.flatMap((rule) => [
      ...checkFloor(rule, policy),
      ...checkMode(rule),
      ...checkLabels(rule),
    ]),
  ];
}

function checkCache({ cache: { minTtl, maxTtl } }: Policy): PathProblem[] {
  if (minTtl <= maxTtl) return [];
  const message = `${quote(formatDuration(minTtl))} is above max_ttl: ` +
    `write at most ${quote(formatDuration(maxTtl))}, or raise max_ttl`;
  return [{ path: ["cache", "min_ttl"], message }];
}

function checkFloor(
  { minTtl, path }: Rule,
  { cache: { minTtl: floor, maxTtl } }: Policy,
): PathProblem[] {
  if (minTtl <= maxTtl || minTtl === floor) return [];
  const message = `${quote(formatDuration(minTtl))} is above [cache] max_ttl: ` +
    `write at most ${quote(formatDuration(maxTtl))}, or raise max_ttl`;
  return [{ path: [...path, "min_ttl"], message }];
}

function checkMode({ name, mode, pattern: { reach }, path }: Rule): PathProblem[] {
  if (mode === "forward" || reach === "exact") return [];
  return [{ path, message: hermeticWildcardMessage(name, path[0] === "allow") }];
}

/** Why a wildcard cannot be hermetic, and what to do. `isShort`: it stands where its mode cannot be written. */
export function hermeticWildcardMessage(name: string, isShort: boolean): string {
  const why = `${
    quote(name)
  } cannot be hermetic, because nobody knows beforehand which names clients ask for`;
  return isShort
    ? `${why}: take it out, and write [[rule]] with name = ${quote(name)} and mode = "forward"`
    : `${why}: write mode = "forward" in this rule, or list the names`;
}

function checkLabels({ name, labels, pattern: { reach }, path }: Rule): PathProblem[] {
  if (labels === undefined || reach !== "exact") return [];
  const message = `${
    quote(name)
  } has no * for labels to stand in: take labels out, or write "*.${name}"`;
  return [{ path: [...path, "labels"], message }];
}

/** Some pairs of a name and a type that have the same floor, in ms. */
export interface Pairs {
  readonly count: number;
  readonly floor: number;
}

/** Whole emissions a second that keep all these pairs fresh: in the worst case each needs one a floor. */
export function neededRate(pairs: readonly Pairs[]): number {
  const sum = pairs.reduce((sum, { count, floor }) => sum + count * 1000 / floor, 0);
  // Adding up fractions leaves an error far below this.
  return Math.ceil(sum - 1e-6);
}

/** The pairs that a policy keeps fresh by itself. */
function hermeticPairs({ rules: { rules, lists } }: Policy): Pairs[] {
  const one = rules.map((rule) => ({ rule, names: 1 }));
  const listed = lists.map(({ template, counts }) => ({ rule: template, names: counts.exact }));
  return [...one, ...listed]
    .filter(({ rule }) => rule.mode === "hermetic")
    .map(({ rule, names }) => ({ count: names * rule.types.size, floor: rule.minTtl }));
}

/** What is wrong where the refresher cannot keep every pair fresh, once all names are known. */
export function checkRate(policy: Policy): PathProblem[] {
  const { rate } = policy.hermetic;
  const hermetic = hermeticPairs(policy);
  const pairs = hermetic.reduce((sum, { count }) => sum + count, 0);
  const needed = neededRate(hermetic);
  if (needed <= rate) return [];
  const instead = needed > HIGHEST_RATE
    ? "write a larger min_ttl"
    : `write rate = ${needed} under [hermetic], or a larger min_ttl`;
  const message = `${pairs} pairs of name and type need up to ${needed} emissions a second ` +
    `to be kept fresh, and rate lets ${rate}: ${instead}`;
  return [{ path: ["hermetic", "rate"], message }];
}
