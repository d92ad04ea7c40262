/** The ways out that a policy leaves open, one a rule, and what they carry alone and together. */

import { countNames as countNamesOf, type LabelSet } from "./labels.ts";
import {
  gapOf,
  HOUR,
  learnBound,
  type LearnLimits,
  pairBound,
  pairRestartBound,
  ticksIn,
  wildcardBound,
} from "./leak_bound.ts";
import { isLearning, type Learn, learnCaps, MOST_LEARNED } from "./learn.ts";
import type { NamePattern } from "./name_pattern.ts";
import { isLive, type Rule } from "./rule.ts";
import type { RuleTable } from "./rules.ts";

/** How many names a pattern has, where each label in place of its stars is one of a set. */
export type CountNames = (pattern: NamePattern, labels: LabelSet) => bigint;

/** What one rule lets clients cause, or all exact names of a file, or all its wildcards. */
export interface Channel {
  /** As a report calls it. */
  readonly name: string;
  readonly rule: Rule;
  /** Whether it is that of a file of names, whose rules are alike but for the name. */
  readonly isList: boolean;
  readonly isWildcard: boolean;
  /** Whether the rule has ended; then it lets nothing through. One that will end later still counts in full. */
  readonly hasExpired: boolean;
  /** Whether clients cause emissions through it: its rule has not expired, and its mode is forward. */
  readonly isOpen: boolean;
  readonly names: bigint;
  /** Pairs of a name and a type. */
  readonly words: bigint;
  /** In ms. */
  readonly floor: number;
}

/** What bounds all channels together. */
export interface Limits {
  /** In ms. */
  readonly tick: number;
  readonly wildcardsPerHour: number;
  /** Names that are learned; undefined: none are. */
  readonly learn: LearnLimits | undefined;
}

/** Bits in any hour, as fixed-point numbers of `log2.ts`. */
export interface FixedBits {
  readonly exact: bigint;
  readonly wildcards: bigint;
  readonly learned: bigint;
  /** What each restart adds. */
  readonly restart: bigint;
}

/**
 * The channel of each rule, and those of each file, at a time (ms since 1970). `anyLabel` stands for the labels of rules
 * that name none.
 */
export function openChannels(
  { rules, lists }: Pick<RuleTable, "rules" | "lists">,
  now: number,
  anyLabel: LabelSet,
  countNames: CountNames = countNamesOf,
): Channel[] {
  const count = remember(countNames);
  const channelOf = (rule: Rule, names: bigint, isWildcard: boolean): Channel => ({
    name: rule.name,
    rule,
    isList: false,
    isWildcard,
    hasExpired: !isLive(rule, now),
    isOpen: isLive(rule, now) && rule.mode === "forward",
    names,
    words: names * BigInt(rule.types.size),
    floor: rule.minTtl,
  });
  return [
    ...rules.map((rule) => {
      const isWildcard = rule.pattern.reach !== "exact";
      const names = isWildcard ? count(rule.pattern, rule.labels ?? anyLabel) : 1n;
      return channelOf(rule, names, isWildcard);
    }),
    ...lists.flatMap(({ template, counts }) => {
      const below = counts.kinds.reduce(
        (sum, { pattern, count: times }) => sum + BigInt(times) * count(pattern, anyLabel),
        0n,
      );
      const both = [
        { ...channelOf(template, BigInt(counts.exact), false), isList: true },
        {
          ...channelOf(template, below, true),
          name: `the wildcards of ${template.name}`,
          isList: true,
        },
      ];
      return both.filter(({ names }) => names > 0n);
    }),
  ];
}

/** What names that are learned may cause in an hour, where they are at a time (ms since 1970). */
export function learnLimits(
  learn: Learn | undefined,
  now: number,
  anyLabel: LabelSet,
  countNames: CountNames = countNamesOf,
): LearnLimits | undefined {
  if (!isLearning(learn, now)) return undefined;
  const { rule: { pattern, types } } = learn;
  // A day's new names may all be asked for in one hour.
  const { names, repeatsPerHour } = learnCaps(learn);
  return {
    names,
    repeats: repeatsPerHour,
    words: countNames(pattern, anyLabel) * BigInt(types.size),
    knownWords: BigInt(MOST_LEARNED * types.size),
  };
}

/** Counting takes a while, and only a base's length and the labels matter to it. */
function remember(countNames: CountNames): CountNames {
  const known = new Map<string, bigint>();
  return (pattern, labels) => {
    const key = `${pattern.reach} ${pattern.base.length} ${labels.text}`;
    const count = known.get(key) ?? countNames(pattern, labels);
    known.set(key, count);
    return count;
  };
}

/** The bound for one channel, as if it were the only one. */
export function channelBits(channel: Channel, { tick, wildcardsPerHour }: Limits): bigint {
  if (!channel.isOpen) return 0n;
  const ticks = ticksIn(HOUR, tick);
  if (channel.isWildcard) return wildcardBound(ticks, channel.words, wildcardsPerHour);
  return channel.words * pairBound(ticks, gapOf(channel.floor, tick));
}

/**
 * The bound for all channels. A trace of all is one of each exact pair, one of the wildcards together, and one of the
 * names that are learned, so bits add up. The wildcards share one budget: their words are added, not their bits. A name that two rules have is counted
 * twice, which only adds.
 */
export function totalBits(channels: readonly Channel[], limits: Limits): FixedBits {
  const ticks = ticksIn(HOUR, limits.tick);
  const pairs = new Map<number, bigint>();
  let words = 0n;
  for (const channel of channels) {
    if (!channel.isOpen) continue;
    if (channel.isWildcard) words += channel.words;
    else pairs.set(channel.floor, (pairs.get(channel.floor) ?? 0n) + channel.words);
  }
  const wildcards = wildcardBound(ticks, words, limits.wildcardsPerHour);
  const learned = limits.learn === undefined ? 0n : learnBound(ticks, limits.learn);
  let exact = 0n;
  let restart = wildcards + learned;
  for (const [floor, count] of pairs) {
    const gap = gapOf(floor, limits.tick);
    exact += count * pairBound(ticks, gap);
    restart += count * pairRestartBound(ticks, gap);
  }
  return { exact, wildcards, learned, restart };
}
