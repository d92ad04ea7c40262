/** Medians, percentiles, and ratios of what was measured side by side. */

/** The middle of some values, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The median and the bounds of at least one value. Throws a RangeError where there is none. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("No value");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/**
 * The value that a share of all values, 0 to 1, does not exceed, by nearest rank; `sorted` ascends. Throws a RangeError
 * where there is none.
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError("No value");
  const rank = Math.max(1, Math.ceil(share * sorted.length - 1e-9));
  return sorted[Math.min(rank, sorted.length) - 1]!;
}

/** One measurement: a server, a round, and what came out by its name. */
export interface Sample {
  readonly server: string;
  readonly round: number;
  readonly values: Readonly<Record<string, number>>;
}

/** What a metric of a server came to over all rounds; undefined where it was not measured. */
export function spreadFor(
  samples: readonly Sample[],
  server: string,
  metric: string,
): Spread | undefined {
  const values = [...byRound(samples, server, metric).values()];
  return values.length === 0 ? undefined : spreadOf(values);
}

/**
 * How many times as much a metric of one server is as that of another, taken within each round, so that what the
 * machine did meanwhile hits both. Undefined where they have no round in common.
 */
export function ratioOf(
  samples: readonly Sample[],
  server: string,
  against: string,
  metric: string,
): Spread | undefined {
  const others = byRound(samples, against, metric);
  const ratios = [...byRound(samples, server, metric)]
    .filter(([round]) => (others.get(round) ?? 0) > 0)
    .map(([round, value]) => value / others.get(round)!);
  return ratios.length === 0 ? undefined : spreadOf(ratios);
}

function byRound(
  samples: readonly Sample[],
  server: string,
  metric: string,
): Map<number, number> {
  return new Map(
    samples.filter((one) => one.server === server && one.values[metric] !== undefined)
      .map((one) => [one.round, one.values[metric]!]),
  );
}
