/**
 * How many different traces clients can make fw-dns leave in a window of ticks, as bits: log2 of an upper bound on
 * their number. Whatever a watcher computes from a trace cannot tell apart more than that many messages.
 *
 * Figures are fixed-point numbers of `log2.ts`. Windows are half-open (their end is not in them), so that hours laid
 * end to end count no tick twice.
 */

import { ANY_LABEL, countNames } from "./labels.ts";
import { log2Up } from "./log2.ts";

/** An hour, in ms: the window that reports speak of. */
export const HOUR = 3_600_000;

/** The most ticks in any half-open window, both in ms. A closed one can hold one more. */
export function ticksIn(window: number, tick: number): number {
  return Math.ceil(window / tick);
}

/** How many ticks, at least, lie between two starts on ticks that are `floor` apart; both in ms. */
export function gapOf(floor: number, tick: number): number {
  return Math.ceil(floor / tick);
}

/**
 * The bound for one exact pair whose starts lie at least `gap` ticks apart.
 *
 * Cut the window into stretches of `gap` ticks and a rest. Two starts in one stretch would lie too close, so each holds
 * none, or one on one of its ticks: `gap + 1` cases, and `rest + 1` in the rest. A trace is one case of each.
 * Counting the rest as what it is, not as a whole stretch, keeps the bound from rising when the floor does. Nothing here
 * asks who caused a start: that a client asked, or that a refresh was planned and wanted, is the same case of its
 * stretch.
 */
export function pairBound(ticks: number, gap: number): bigint {
  const stretches = BigInt(Math.floor(ticks / gap));
  return stretches * log2Up(BigInt(gap + 1)) + log2Up(BigInt(ticks % gap + 1));
}

/**
 * What a restart in the window adds for one exact pair, wherever it falls and however it shifts the ticks.
 *
 * Cut the window by time, as above. A stretch without a restart in it holds at most as many ticks as before, and one
 * start. The stretch with the restart is lived through twice, each life with at most one start on at most
 * `min(gap, ticks)` ticks: one more factor of that plus one.
 */
export function pairRestartBound(ticks: number, gap: number): bigint {
  return log2Up(BigInt(Math.min(gap, ticks) + 1));
}

/**
 * The bound for all wildcards together: `words` pairs of a name and a type, at most `budget` emissions in the window.
 *
 * A trace is a row of k ≤ budget emissions, each one of x = ticks · words. The number of rows is Σ x^k, k = 0 to
 * budget, which is at most (x + 1)^budget, because each x^k stands in its binomial expansion. Rows have an order, so
 * this holds in whatever order the emissions of one tick leave. A restart adds the same again: another life, in the
 * same window, with a budget of its own.
 */
export function wildcardBound(ticks: number, words: bigint, budget: number): bigint {
  return BigInt(budget) * log2Up(BigInt(ticks) * words + 1n);
}

/** What names that are learned may cause in a window. */
export interface LearnLimits {
  /** How many of them may be new. */
  readonly names: number;
  /** How many further questions there may be for names that are known. */
  readonly repeats: number;
  /** Pairs of a name and a type: those that there are, and the most that are known at a time. */
  readonly words: bigint;
  readonly knownWords: bigint;
}

/**
 * The bound for all names that are learned.
 *
 * A trace is a row of emissions, each of them the first of a new name or a repeat. A new one is one of x = ticks · words.
 * A repeat is one of y = ticks · knownWords at most, given all that has left before it, for which names are known is a
 * function of that alone. Rows with j new ones and i repeats are C(j + i, j) · x^j · y^i at most, which is not more than
 * (2x)^j · (2y)^i, because C(j + i, j) ≤ 2^(j + i). Summed up over j ≤ names and i ≤ repeats, as in
 * {@linkcode wildcardBound}, that is at most (2x + 1)^names · (2y + 1)^repeats. That one domain may have no more than
 * some of the names is left aside: anyone can have many domains.
 */
export function learnBound(ticks: number, limits: LearnLimits): bigint {
  const { names, repeats, words, knownWords } = limits;
  return wildcardBound(ticks, 2n * words, names) + wildcardBound(ticks, 2n * knownWords, repeats);
}

/**
 * How many whole bits the name of one query carries through a forwarder that lets every name pass: log2 of the number
 * of plain names that fit, rounded down, since here more would be worse.
 */
export function openForwarderBits(): number {
  return countNames({ reach: "many", base: "." }, ANY_LABEL).toString(2).length - 1;
}
