/** What is wrong with rules by themselves, once each key is right: floors, modes and labels that do not go together. */

import { formatDuration } from "./duration.ts";
import type { Policy } from "./model.ts";
import { quote } from "./name_pattern.ts";
import type { PathProblem } from "./problem.ts";
import type { Rule } from "./rule.ts";
import { HIGHEST_RATE } from "./schema.ts";

/** Every problem with the rules of a policy that is right in all its keys. */
export function checkRules(policy: Policy): PathProblem[] {
  return [
    ...checkCache(policy),
    ...policy.rules.rules.flatMap((rule) => [
      ...checkFloor(rule, policy),
      ...checkMode(rule),
      ...checkLabels(rule),
    ]),
    ...checkRate(policy),
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
  const why = `${
    quote(name)
  } cannot be hermetic, because nobody knows beforehand which names clients ask for`;
  if (path[0] === "allow") {
    const message = `${why}: take it out, and write [[rule]] with name = ${
      quote(name)
    } and mode = "forward"`;
    return [{ path, message }];
  }
  return [{ path, message: `${why}: write mode = "forward" in this rule, or list the names` }];
}

function checkLabels({ name, labels, pattern: { reach }, path }: Rule): PathProblem[] {
  if (labels === undefined || reach !== "exact") return [];
  const message = `${
    quote(name)
  } has no * for labels to stand in: take labels out, or write "*.${name}"`;
  return [{ path: [...path, "labels"], message }];
}

/** Whole emissions a second that keep every pair of some rules fresh: in the worst case each needs one a floor. */
export function neededRate(rules: readonly Rule[]): number {
  const sum = rules.reduce((sum, { types, minTtl }) => sum + types.size * 1000 / minTtl, 0);
  // Adding up fractions leaves an error far below this.
  return Math.ceil(sum - 1e-6);
}

/** Whether the refresher can keep every pair fresh. */
function checkRate({ rules, hermetic: { rate } }: Policy): PathProblem[] {
  const hermetic = rules.rules.filter(({ mode }) => mode === "hermetic");
  const pairs = hermetic.reduce((sum, { types }) => sum + types.size, 0);
  const needed = neededRate(hermetic);
  if (needed <= rate) return [];
  const instead = needed > HIGHEST_RATE
    ? "write a larger min_ttl"
    : `write rate = ${needed} under [hermetic], or a larger min_ttl`;
  const message = `${pairs} pairs of name and type need up to ${needed} emissions a second ` +
    `to be kept fresh, and rate lets ${rate}: ${instead}`;
  return [{ path: ["hermetic", "rate"], message }];
}
