/** What is measured, and what it came to. */

import type { Bench } from "./bench.ts";
import type { Product } from "./product.ts";
import type { Absence } from "./stage.ts";
import type { Sample } from "./stats.ts";

/** One number of each server in each round. */
export interface Metric {
  readonly key: string;
  readonly title: string;
  /** Digits after the point in tables. */
  readonly digits: number;
  /** Whether a table of ratios has it. */
  readonly hasRatio?: boolean;
  /** Whether it is a point in a plot of percentiles. */
  readonly isPercentile?: boolean;
}

/** Something that servers are to do. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  /** What it is, in a sentence or two. */
  readonly about: string;
  readonly metrics: readonly Metric[];
  /** Titles of the variants of fw-dns in it, the first is the one that ratios are of. */
  readonly ours: readonly string[];
  run(bench: Bench, workload: Workload): Promise<Outcome>;
}

/** What a workload came to. */
export interface Outcome {
  readonly workload: Workload;
  /** The servers, in the order of the tables. */
  readonly servers: readonly string[];
  readonly samples: readonly Sample[];
  readonly absences: readonly Absence[];
  /** Why there is nothing. */
  readonly skipped?: string;
}

/** An outcome of those servers that were wanted: each is in the samples, or there is a reason why not. */
export function outcomeOf(
  workload: Workload,
  wanted: readonly Product[],
  absences: readonly Absence[],
  samples: readonly Sample[],
): Outcome {
  const servers = wanted.map(({ title }) => title);
  const ofThese = absences.filter(({ server }) => servers.includes(server));
  return { workload, servers, samples, absences: ofThese };
}

/** Metrics that several workloads have. */
export const METRICS = {
  rate: { key: "rate", title: "queries/s", digits: 0, hasRatio: true },
  cpu: { key: "cpu", title: "CPU µs/query", digits: 2, hasRatio: true },
  startUp: { key: "startUp", title: "first answer, ms", digits: 0, hasRatio: true },
  rss: { key: "rss", title: "memory, MB", digits: 0, hasRatio: true },
  peak: { key: "peak", title: "at most, MB", digits: 0 },
} as const satisfies Record<string, Metric>;
