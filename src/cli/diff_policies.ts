/** All that differs between two policies. */

import {
  findBeyond,
  formatPattern,
  isLearning,
  type Learn,
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
  /** Whether the new one learns names that no rule lists for longer than the old one, or more of them. */
  readonly learnsMore: boolean;
  readonly rules: readonly string[];
  readonly settings: readonly string[];
}

/** Whether anything is reachable, or may ask, that was or might not before. */
export function widens({ steps, clients, learnsMore }: PolicyDiff): boolean {
  return learnsMore || clients.length > 0 || steps.some(({ added }) => added.length > 0);
}

/** Compares two policies at a time (ms since 1970), and at all times at which a rule ends after that. */
export function comparePolicies(before: Policy, after: Policy, now: number): PolicyDiff {
  const ends = [before, after].flatMap(({ rules: { rules } }) => rules)
    .flatMap(({ expires }) => expires !== undefined && expires > now ? [expires] : []);
  const times = [...new Set(ends)].sort((a, b) => a - b);
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
    learnsMore: learnsMore(before.learn, after.learn, now),
    rules: compareRules(before, after),
    settings: compareSettings(before, after),
  };
}

function learnsMore(before: Learn | undefined, after: Learn | undefined, now: number): boolean {
  if (!isLearning(after, now)) return false;
  return !isLearning(before, now) || after.until > before.until ||
    after.namesPerDay > before.namesPerDay ||
    after.namesPerDomainPerDay > before.namesPerDomainPerDay;
}
