/**
 * The leak bound of a policy: the most bits that clients can get out to each watcher in any one hour.
 *
 * It stands on what the table of `resolve/` holds: the names and types are fixed, an exact pair starts at most one
 * emission per floor, when a client asks or as a refresh that clients gave reason for, and wildcards
 * `wildcards_per_hour` in all, names that are learned `names_per_day` and their repeats; emissions leave on ticks alone, and all that follows, the moment of a planned refresh
 * too, is a function of those starts, of fw-dns's own random numbers and of the upstream's answers. So the starts are
 * all that clients choose, and `leak_bound.ts` counts them.
 */

import { ANY_LABEL } from "./labels.ts";
import {
  type Channel,
  channelBits,
  type CountNames,
  learnLimits,
  openChannels,
  totalBits,
} from "./leak_channels.ts";
import { findSavings, type Saving } from "./leak_savings.ts";
import { formatBits, tenthsUp } from "./log2.ts";
import type { Policy } from "./model.ts";
import type { PathProblem } from "./problem.ts";
import type { Mode } from "./rule.ts";

/** Bits in any half-open hour, rounded up to a tenth, to each watcher. */
export interface WatcherBits {
  /** To who runs the zone of an allowed name. For a whole policy: to one party who runs the zones of all of them. */
  readonly o1: number;
  /** To an outsider who shares the upstream resolver's cache. */
  readonly o2: number;
  /** To the upstream's operator or anyone on the path. */
  readonly o3: number;
}

/** What one rule lets out, or all exact names of a file, or all its wildcards, as if there were nothing else. */
export interface RuleLeak {
  readonly name: string;
  readonly mode: Mode;
  readonly isWildcard: boolean;
  readonly hasExpired: boolean;
  /** How many names it has: 1 where it is exact. */
  readonly names: bigint;
  /** How many record types it lists. */
  readonly types: number;
  readonly bits: WatcherBits;
}

/** What a policy lets out. */
export interface LeakReport {
  readonly rules: readonly RuleLeak[];
  /** All wildcards, which share one budget: less than the sum of theirs. */
  readonly wildcards: WatcherBits;
  /** All names that are learned; undefined where the policy has no `[learn]`. */
  readonly learned: WatcherBits | undefined;
  readonly total: WatcherBits;
  /** What each restart in the hour adds at most: floors and the budget start anew. */
  readonly restart: WatcherBits;
  /** Whether clients cause no emission at all, because all rules in force are hermetic. */
  readonly isHermetic: boolean;
  /** What would lower the total, the change that saves most first. */
  readonly savings: readonly Saving[];
}

/** Measures a policy at a time (ms since 1970). `countNames` is for tests. */
export function measureLeak(policy: Policy, now: number, countNames?: CountNames): LeakReport {
  const channels = openChannels(policy.rules, now, ANY_LABEL, countNames);
  const learn = learnLimits(policy.learn, now, ANY_LABEL, countNames);
  const { query: { tick }, budget: { wildcardsPerHour } } = policy;
  const limits = { tick, wildcardsPerHour, learn };
  const { exact, wildcards, learned, restart } = totalBits(channels, limits);
  const live = channels.filter(({ hasExpired }) => !hasExpired);
  return {
    rules: measureRules(channels, (channel) => channelBits(channel, limits)),
    wildcards: toEachWatcher(wildcards),
    learned: policy.learn && toEachWatcher(learned),
    total: toEachWatcher(exact + wildcards + learned),
    restart: toEachWatcher(restart),
    isHermetic: learn === undefined && live.length > 0 &&
      live.every(({ rule }) => rule.mode === "hermetic"),
    get savings(): Saving[] {
      return findSavings(policy, channels, limits, countNames);
    },
  };
}

/** Rules that are alike cost alike: a long list has few kinds. */
function measureRules(
  channels: readonly Channel[],
  bitsOf: (channel: Channel) => bigint,
): RuleLeak[] {
  const known = new Map<string, WatcherBits>();
  return channels.map((channel) => {
    const { name, rule, isWildcard, hasExpired, isOpen, names, words, floor } = channel;
    const key = `${isOpen} ${isWildcard} ${words} ${floor}`;
    const bits = known.get(key) ?? toEachWatcher(bitsOf(channel));
    known.set(key, bits);
    return {
      name,
      mode: rule.mode,
      isWildcard,
      hasExpired,
      names,
      types: rule.types.size,
      bits,
    };
  });
}

/**
 * One bound for the three. What O1 and O2 see is a function of what O3 sees, so they never see more; and they may see as
 * much: the owner of a zone gives TTL 0 and so hears each emission, and an outsider may probe a cache at any rate, while
 * the seconds left of a TTL tell when it was filled. They differ in scope: O1 sees its own rule's names only.
 */
function toEachWatcher(fixed: bigint): WatcherBits {
  const bits = tenthsUp(fixed);
  return { o1: bits, o2: bits, o3: bits };
}

/** The most that any of the watchers gets. */
export function mostBits({ o1, o2, o3 }: WatcherBits): number {
  return Math.max(o1, o2, o3);
}

/**
 * Whether a policy is above the ceiling that it sets itself (`bits_per_hour`). `measure` gives its report, and is not
 * called where there is no ceiling.
 */
export function checkCeiling(policy: Policy, measure: () => LeakReport): PathProblem[] {
  const ceiling = policy.budget.bitsPerHour;
  if (ceiling === undefined) return [];
  const report = measure();
  const most = mostBits(report.total);
  if (most <= ceiling) return [];
  const above = Math.round((most - ceiling) * 10) / 10;
  const message = `clients can get out up to ${formatBits(most)} bits in any hour, ` +
    `${formatBits(above)} above this ceiling; the costliest rules are ${nameCostliest(report)}: ` +
    `${suggest(report, above)}write bits_per_hour = ${Math.ceil(most)}`;
  return [{ path: ["budget", "bits_per_hour"], message }];
}

/** How many rules a message names. */
const MOST_NAMED = 3;

function nameCostliest({ rules, learned }: LeakReport): string {
  const all = [...rules, ...(learned === undefined ? [] : [{ name: "[learn]", bits: learned }])];
  return all.filter(({ bits }) => mostBits(bits) > 0)
    .sort((a, b) => mostBits(b.bits) - mostBits(a.bits))
    .slice(0, MOST_NAMED)
    .map(({ name, bits }) => `${name} (${formatBits(mostBits(bits))})`)
    .join(", ");
}

function suggest({ savings: [best] }: LeakReport, above: number): string {
  if (best === undefined) return "";
  const enough = best.saves >= above ? "" : ", which is not enough by itself";
  return `${best.change} (saves ${formatBits(best.saves)}${enough}), or `;
}
