/** What would lower the leak bound of a policy, and by how much. */

import { neededRate } from "./check_rules.ts";
import { HIGHEST_RATE } from "./schema.ts";
import { formatDuration } from "./duration.ts";
import { ANY_LABEL, type LabelSet } from "./labels.ts";
import { gapOf, HOUR, pairBound, ticksIn } from "./leak_bound.ts";
import {
  type Channel,
  type CountNames,
  type Limits,
  openChannels,
  totalBits,
} from "./leak_channels.ts";
import { learnCaps } from "./learn.ts";
import { formatBits, tenthsUp } from "./log2.ts";
import type { Policy } from "./model.ts";
import { quote } from "./name_pattern.ts";

/** One change to a policy. */
export interface Saving {
  /** What to write, as an order: `set tick = "100ms" under [query]`. */
  readonly change: string;
  /** By how many bits in any hour the bound falls, all else unchanged. The savings of two changes do not add up. */
  readonly saves: number;
}

/** A change, before it is known what it saves. */
interface Candidate {
  readonly change: string;
  readonly channels?: readonly Channel[];
  readonly limits?: Limits;
}

/** How many wildcards are looked at one by one, so that a long list of them costs no more. */
const MOST_WILDCARDS = 3;

/** The changes that lower the bound, the one that saves most first. */
export function findSavings(
  policy: Policy,
  channels: readonly Channel[],
  limits: Limits,
  countNames?: CountNames,
): Saving[] {
  const bound = (candidate: Partial<Candidate>): number => {
    const bits = totalBits(candidate.channels ?? channels, candidate.limits ?? limits);
    return tenthsUp(bits.exact + bits.wildcards + bits.learned);
  };
  const before = bound({});
  return [
    ...goHermetic(policy, channels),
    ...raiseFloor(policy, channels),
    ...listNames(channels, limits),
    ...narrowLabels(channels, countNames),
    ...slowDown(limits),
    ...learnLess(policy, limits),
  ]
    .map((candidate) => ({ change: candidate.change, saves: difference(before, bound(candidate)) }))
    .filter(({ saves }) => saves > 0)
    .sort((a, b) => b.saves - a.saves);
}

/** Of two numbers with one decimal, with one decimal. */
function difference(a: number, b: number): number {
  return Math.round((a - b) * 10) / 10;
}

function goHermetic(policy: Policy, channels: readonly Channel[]): Candidate[] {
  const exact = channels.filter(({ isWildcard }) => !isWildcard);
  const rate = neededRate(exact.map(({ words, floor }) => ({ count: Number(words), floor })));
  // A policy that cannot be kept fresh is refused, so it is nothing to suggest.
  if (rate > HIGHEST_RATE) return [];
  const more = [
    ...(channels.length > exact.length
      ? ['list each name with a * in a [[rule]] with mode = "forward"']
      : []),
    ...(rate > policy.hermetic.rate ? [`rate = ${rate} under [hermetic]`] : []),
  ];
  return [{
    change: ['set mode = "hermetic"', ...more].join(" and "),
    channels: channels.filter(({ isWildcard }) => isWildcard),
  }];
}

function raiseFloor({ cache }: Policy, channels: readonly Channel[]): Candidate[] {
  const floor = Math.min(HOUR, cache.maxTtl);
  return [{
    change: `set min_ttl = ${quote(formatDuration(floor))} under [cache]`,
    channels: channels.map((one) => ({ ...one, floor: Math.max(one.floor, floor) })),
  }];
}

/** The open wildcards, those with most names first. */
function widest(channels: readonly Channel[]): Channel[] {
  return channels.filter(({ isOpen, isWildcard }) => isOpen && isWildcard)
    .sort((a, b) => a.words === b.words ? 0 : a.words > b.words ? -1 : 1);
}

function lowestFloor(channels: Iterable<Channel>): number {
  let lowest = Infinity;
  for (const { floor } of channels) lowest = Math.min(lowest, floor);
  return lowest;
}

/** Names that are listed cost something too; how many there are, only the author knows. */
function listNames(channels: readonly Channel[], { tick }: Limits): Candidate[] {
  const wildcards = widest(channels);
  const list = (what: string, gone: ReadonlySet<Channel>): Candidate => {
    const gap = gapOf(lowestFloor(gone), tick);
    const cost = formatBits(tenthsUp(pairBound(ticksIn(HOUR, tick), gap)));
    return {
      change:
        `list the names below ${what} (less ${cost} for each pair of name and type that you list)`,
      channels: channels.filter((one) => !gone.has(one)),
    };
  };
  const many = wildcards.some(({ isList }) => isList) ? "all" : `all ${wildcards.length}`;
  const all = wildcards.length === 2 && many !== "all" ? "both wildcards" : `${many} wildcards`;
  return [
    ...wildcards.slice(0, MOST_WILDCARDS).map((one) => list(one.name, new Set([one]))),
    ...(wildcards.length > 1 ? [list(all, new Set(wildcards))] : []),
  ];
}

/** An example of a set of labels, `[a-z]{1,20}`; its own words, because a suggestion should need no parser. */
const EXAMPLE_LABELS: LabelSet = {
  text: "[a-z]{1,20}",
  counts: Array.from(
    { length: 64 },
    (_, length) => length > 0 && length <= 20 ? 26n ** BigInt(length) : 0n,
  ),
  automaton: undefined,
  matches: (label) => /^[a-z]{1,20}$/.test(label),
};

function narrowLabels(channels: readonly Channel[], countNames?: CountNames): Candidate[] {
  return widest(channels)
    .filter(({ rule, isList }) => rule.labels === undefined && !isList)
    .slice(0, MOST_WILDCARDS)
    .map((wide): Candidate => {
      const rule = { ...wide.rule, labels: EXAMPLE_LABELS };
      const [narrow] = openChannels({ rules: [rule], lists: [] }, -Infinity, ANY_LABEL, countNames);
      return {
        change: `set labels = ${quote(EXAMPLE_LABELS.text)} for ${wide.name}`,
        channels: channels.map((one) => one === wide ? narrow! : one),
      };
    });
}

function learnLess({ learn }: Policy, limits: Limits): Candidate[] {
  if (learn === undefined || limits.learn === undefined) return [];
  const fewer = learn.namesPerDay > 100 ? 100 : 10;
  const { names, repeatsPerHour } = learnCaps({ ...learn, namesPerDay: fewer });
  return [
    { change: "take [learn] out", limits: { ...limits, learn: undefined } },
    {
      change: `set names_per_day = ${fewer} under [learn]`,
      limits: { ...limits, learn: { ...limits.learn, names, repeats: repeatsPerHour } },
    },
  ];
}

function slowDown(limits: Limits): Candidate[] {
  const tick = limits.tick < 100 ? 100 : 1000;
  const wildcardsPerHour = limits.wildcardsPerHour > 10 ? 10 : 1;
  return [
    {
      change: `set tick = ${quote(formatDuration(tick))} under [query]`,
      limits: { ...limits, tick },
    },
    {
      change: `set wildcards_per_hour = ${wildcardsPerHour} under [budget]`,
      limits: { ...limits, wildcardsPerHour },
    },
  ];
}
