/** What fw-dns should reach, and whether it did. */

import type { Outcome } from "./outcome.ts";
import { ratioOf, spreadFor } from "./stats.ts";

/** A bound on a median: of a metric, or of its ratio to another server's. */
export interface Bar {
  readonly workload: string;
  readonly words: string;
  readonly server: string;
  readonly metric: string;
  /** A server, or `everyone` for each that is not ours: then the worst counts. */
  readonly against?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit?: string;
}

/** How a bar was met. */
export interface Verdict {
  readonly bar: Bar;
  readonly measured: number;
  readonly isMet: boolean;
}

const ECHO = "Deno echo";
const ORIGINAL = "Python original (stand-in)";

/** All of them. */
export const BARS: readonly Bar[] = [
  {
    workload: "hits",
    words: "listed names at hand, rate against the echo",
    server: "fw-dns",
    metric: "rate",
    against: ECHO,
    atLeast: 0.95,
  },
  {
    workload: "hits",
    words: "listed names at hand, rate against dnsmasq",
    server: "fw-dns",
    metric: "rate",
    against: "dnsmasq",
    atLeast: 1,
  },
  {
    workload: "hits",
    words: "listed names, rate against the Python original's stand-in",
    server: "fw-dns",
    metric: "rate",
    against: ORIGINAL,
    atLeast: 6,
  },
  {
    workload: "refused",
    words: "unlisted names refused, rate against the echo",
    server: "fw-dns",
    metric: "rate",
    against: ECHO,
    atLeast: 0.95,
  },
  {
    workload: "dropped",
    words: "CPU of dropping, against the peer that spends least on refusing",
    server: "fw-dns, dropping",
    metric: "cpu",
    against: "everyone",
    atMost: 1,
  },
  {
    workload: "latency",
    words: "expiring answers, hermetic mode, p99.9",
    server: "fw-dns, hermetic",
    metric: "p999",
    atMost: 1,
    unit: "ms",
  },
  {
    workload: "latency",
    words: "expiring answers, forward mode, p99",
    server: "fw-dns, forward",
    metric: "p99",
    atMost: 1,
    unit: "ms",
  },
  {
    workload: "start",
    words: "start to first answer, against the echo",
    server: "fw-dns",
    metric: "startUp",
    against: ECHO,
    atMost: 1.5,
  },
  {
    workload: "start",
    words: "memory after the start, against the echo",
    server: "fw-dns",
    metric: "rss",
    against: ECHO,
    atMost: 1.3,
  },
  {
    workload: "million",
    words: "a million names, start to first answer",
    server: "fw-dns",
    metric: "startUp",
    atMost: 1500,
    unit: "ms",
  },
  {
    workload: "million",
    words: "a million names, most memory",
    server: "fw-dns",
    metric: "peak",
    atMost: 150,
    unit: "MB",
  },
  {
    workload: "million",
    words: "a million names, rate against ten names",
    server: "fw-dns",
    metric: "share",
    atLeast: 0.95,
  },
];

/** Those bars for which everything was measured. */
export function judgeBars(outcomes: readonly Outcome[], bars = BARS): Verdict[] {
  return bars.flatMap((bar) => {
    const outcome = outcomes.find(({ workload }) => workload.id === bar.workload);
    const measured = outcome && measuredFor(bar, outcome);
    if (measured === undefined) return [];
    const isMet = measured >= (bar.atLeast ?? -Infinity) && measured <= (bar.atMost ?? Infinity);
    return [{ bar, measured, isMet }];
  });
}

function measuredFor(bar: Bar, outcome: Outcome): number | undefined {
  const { samples, servers, workload } = outcome;
  const { server, metric, against } = bar;
  if (against === undefined) return spreadFor(samples, server, metric)?.median;
  const others = against === "everyone"
    ? servers.filter((one) => !workload.ours.includes(one) && one !== ECHO && one !== ORIGINAL)
    : [against];
  const ratios = others.map((one) => ratioOf(samples, server, one, metric)?.median)
    .filter((ratio) => ratio !== undefined);
  if (ratios.length === 0) return undefined;
  return bar.atMost === undefined ? Math.min(...ratios) : Math.max(...ratios);
}
