/** What an engine does otherwise than the policy says, rule by rule and in all. */

import { type PathProblem, placeOfRule, type Policy, type Rule } from "../policy/mod.ts";
import { formatWhole } from "../system/mod.ts";

/** How many rules a difference names; the others are counted. */
const MOST_NAMED = 5;

/** Something that a policy says and an engine cannot do. */
export interface Difference {
  /** What the policy says, such as "an exact name". */
  readonly what: string;
  /** What the engine does instead, such as "all names below it resolve as well". */
  readonly instead: string;
  /** The first rules of which it is; empty where it is of the policy as a whole. */
  readonly rules: readonly Rule[];
  /** Of how many rules it is. */
  readonly count: number;
  /** Where the policy says it. */
  readonly path: PathProblem["path"];
}

/** Collects differences: one for each thing, however many rules say it. */
export class Differences {
  readonly #all = new Map<string, Difference & { rules: Rule[]; count: number }>();

  /** All of them, in the order in which they were first met. */
  get all(): readonly Difference[] {
    return [...this.#all.values()];
  }

  /** A rule says something that the engine cannot do. */
  addRule(rule: Rule, what: string, instead: string): void {
    const one = this.#find(rule.path, what, instead);
    one.count++;
    if (one.rules.length < MOST_NAMED) one.rules.push(rule);
  }

  /** The policy says something at a path that the engine cannot do. */
  addSetting(path: PathProblem["path"], what: string, instead: string): void {
    this.#find(path, what, instead);
  }

  #find(path: PathProblem["path"], what: string, instead: string) {
    const key = `${what}\n${instead}`;
    const known = this.#all.get(key);
    if (known !== undefined) return known;
    const one = { what, instead, path, rules: [] as Rule[], count: 0 };
    this.#all.set(key, one);
    return one;
  }
}

/** A difference as a problem of the policy: what `export` says that was not told to be `--approximate`. */
export function differenceProblems(
  policy: Policy,
  engine: string,
  { what, instead, rules, count, path }: Difference,
): PathProblem[] {
  const message = `${engine} has nothing for ${what}: with --approximate, ${instead}`;
  if (rules.length === 0) return [{ path, message }];
  return rules.map((rule, i) => {
    const place = placeOfRule(policy.rules, rule);
    const others = i === rules.length - 1 && count > rules.length
      ? ` (so do ${formatWhole(count - rules.length)} more rules)`
      : "";
    return {
      path: rule.path,
      ...(place && { place }),
      message: `${JSON.stringify(rule.name)}: ${message}${others}`,
    };
  });
}

/** A difference in words for the head of an exported file. */
export function describeDifference({ what, instead, rules, count }: Difference): string {
  if (rules.length === 0) return `${what}: ${instead}`;
  const names = rules.map(({ name }) => name).join(", ");
  const more = count > rules.length ? ` and ${formatWhole(count - rules.length)} more` : "";
  return `${what}: ${instead} (${names}${more})`;
}
