/** All that differs between two policies. */

import {
  findBeyond,
  formatPattern,
  isLearning,
  type Learn,
  learnCaps,
  listEnding,
  type Policy,
  type ReachDifference,
  type Subnet,
} from "../policy/mod.ts";
import { compareRules, compareSettings } from "./diff_fields.ts";

/** What differs from a time on. */
export interface Step {
  /** In ms since 1970; undefined: now. */
  readonly from: number | undefined;
  readonly added: readonly ReachDifference[];
  readonly removed: readonly ReachDifference[];
}

/** All that differs between two policies. */
export interface PolicyDiff {
  /** The first one is now, and each other one is from when on a rule ends, where that changes anything. */
  readonly steps: readonly Step[];
  /** Clients that may ask by the new one and not by the old one. */
  readonly clients: readonly Subnet[];
  /** `[learn]` of the new one, where it lets more through than that of the old one. */
  readonly learn: Learn | undefined;
  readonly rules: readonly string[];
  readonly settings: readonly string[];
}

/** Whether anything is reachable, or may ask, that was or might not before. */
export function widens({ steps, clients, learn }: PolicyDiff): boolean {
  return clients.length > 0 || learn !== undefined || steps.some(({ added }) => added.length > 0);
}

/** Compares two policies at a time (ms since 1970), and at all times at which a rule ends after that. */
export function comparePolicies(before: Policy, after: Policy, now: number): PolicyDiff {
  const ends = [before, after].flatMap(({ rules }) => listEnding(rules, now));
  const times = [...new Set(ends.map(({ expires }) => expires))].sort((a, b) => a - b);
  const steps: Step[] = [];
  const known = new Set<string>();
  for (const time of [now, ...times]) {
    const isNew = (sign: string) => (one: ReachDifference): boolean => {
      const key = `${sign} ${formatPattern(one.pattern)} ${one.types} ${one.rule.labels?.text}`;
      return !known.has(key) && known.add(key) !== undefined;
    };
    const added = [...findBeyond(after, before, time)].filter(isNew("+"));
    const removed = [...findBeyond(before, after, time)].filter(isNew("-"));
    if (time !== now && added.length + removed.length === 0) continue;
    steps.push({ from: time === now ? undefined : time, added, removed });
  }
  const { listen: { clients } } = before;
  return {
    steps,
    clients: after.listen.clients.subnets.filter(({ bytes, bits }) =>
      !clients.includesBytes(bytes, bits)
    ),
    learn: findWiderLearn(before, after, now),
    rules: compareRules(before, after),
    settings: compareSettings(before, after),
  };
}

/** Names that no rule lists are of no pattern, so that they are in no step. */
function findWiderLearn(before: Policy, after: Policy, now: number): Learn | undefined {
  const [{ learn: old }, { learn }] = [before, after];
  if (!isLearning(learn, now) || learnCaps(learn).names === 0) return undefined;
  if (!isLearning(old, now) || learn.until > old.until) return learn;
  const [least, most] = [learnCaps(old), learnCaps(learn)];
  const isWider = most.names > least.names || most.namesPerDomain > least.namesPerDomain ||
    !old.denied.isSubsetOf(learn.denied) || losesRule(before, after, learn);
  return isWider ? learn : undefined;
}

/** What has a rule is not learned, be it of other types or over: without that rule it may be. */
function losesRule({ rules: before }: Policy, { rules: after }: Policy, learn: Learn): boolean {
  for (const { pattern, types, expires } of before.all()) {
    if (expires === undefined && learn.rule.types.isSubsetOf(types)) continue;
    if (after.findPattern(pattern) === undefined) return true;
  }
  return false;
}
