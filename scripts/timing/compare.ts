/** Compares what an upstream saw in two runs, and says how far the moments of leaving lie off their ticks. */

import type { Sight } from "./sight.ts";

/** The length of a tick in these runs, in ms. */
export const TICK = 10;

/**
 * The first question that differs between two runs: in its bytes, or in which of the pool's sockets it came from.
 * Undefined: they are the same, as far as the shorter one goes.
 */
export function firstDifference(
  one: readonly Sight[],
  other: readonly Sight[],
): string | undefined {
  return differenceOf(of(one, "udp"), of(other, "udp"), true) ??
    differenceOf(of(one, "tcp"), of(other, "tcp"), false);
}

function of(sights: readonly Sight[], how: Sight["how"]): Sight[] {
  return sights.filter((sight) => sight.how === how);
}

/** The system numbers the sockets of a pool as it likes: the same ones have to be used in the same order. */
function differenceOf(
  one: readonly Sight[],
  other: readonly Sight[],
  withPorts: boolean,
): string | undefined {
  const twins = new Map<number, number>();
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const [a, b] = [one[i]!, other[i]!];
    if (a.bytes !== b.bytes) return `question ${i}: ${a.pair} ${a.bytes}, and ${b.pair} ${b.bytes}`;
    if (!withPorts) continue;
    const twin = twins.get(a.port) ?? b.port;
    twins.set(a.port, twin);
    if (twin !== b.port) return `question ${i}: another socket`;
  }
  return undefined;
}

/**
 * How far from its tick each question over UDP came, in ms, from half a tick before to half a tick after. Where the
 * ticks lie is taken to be where most questions are.
 */
export function latenessOf(sights: readonly Sight[]): number[] {
  // The first ones find the program cold.
  const times = of(sights, "udp").slice(20).map(({ at }) => at);
  const phases = times.map((at) => at % TICK);
  const misfit = (phase: number): number =>
    phases.reduce((sum, one) => sum + Math.min(1, Math.abs(fold(one - phase))), 0);
  const phase = phases.reduce((best, one) => misfit(one) < misfit(best) ? one : best);
  return phases.map((one) => fold(one - phase)).sort((a, b) => a - b);
}

/**
 * How many questions over UDP came whole ticks earlier or later in one run than in the other, by the time since the
 * first of each that both have in common.
 */
export function countSlips(one: readonly Sight[], other: readonly Sight[]): number {
  const [a, b] = [of(one, "udp").slice(20), of(other, "udp").slice(20)];
  const shared = Math.min(a.length, b.length);
  const shifts = a.slice(0, shared).map(({ at }, i) => b[i]!.at - at).sort((x, y) => x - y);
  const usual = quantile(shifts, 0.5);
  return shifts.filter((shift) => Math.abs(shift - usual) > 0.75 * TICK).length;
}

/** Into half a tick before and after. */
function fold(offset: number): number {
  return ((offset % TICK) + 1.5 * TICK) % TICK - TICK / 2;
}

/** The value below which a share of sorted numbers lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

/**
 * How many bits the lateness of one question tells about which of two ways the clients behaved: the mutual information
 * of the two, from counts in buckets of 0.1 ms.
 */
export function bitsTold(one: readonly number[], other: readonly number[]): number {
  const share = (lateness: readonly number[]): Map<number, number> => {
    const counts = new Map<number, number>();
    for (const late of lateness) {
      const bucket = Math.round(late * 10);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1 / lateness.length);
    }
    return counts;
  };
  const [a, b] = [share(one), share(other)];
  const mixed = new Map(
    [...a.keys(), ...b.keys()].map((bucket) =>
      [bucket, ((a.get(bucket) ?? 0) + (b.get(bucket) ?? 0)) / 2] as const
    ),
  );
  return entropy(mixed) - (entropy(a) + entropy(b)) / 2;
}

function entropy(shares: ReadonlyMap<number, number>): number {
  return [...shares.values()].reduce((sum, share) => sum - share * Math.log2(share), 0);
}
