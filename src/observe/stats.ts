/** What has been seen since the start, as metrics, the status page and `top` tell it. */

import type { QueryEvent, Reason, Verdict } from "./event.ts";

/** How often something came to a verdict for a reason. */
export interface ResponseCount {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly count: number;
}

/** A decision, and when it was taken. */
export interface Decided {
  /** In ms since 1970. */
  readonly time: number;
  readonly query: QueryEvent;
}

/** What clients asked for below a registrable domain of which no rule lists the name. */
export interface BlockedDomain {
  /** The registrable domain, as `wire/name.ts` writes a name. */
  readonly domain: string;
  /** The client that asked for most of it. */
  readonly client: string;
  /** Since the list has it: what was asked for before, and made room for others, is not counted. */
  readonly queries: number;
  /** How many different names, as an estimate. */
  readonly names: number;
  /** How many bytes the names that were new can have carried, as an estimate. */
  readonly bytes: number;
  /**
   * How many bytes more than that it can have been, before the list had it: the list keeps the largest alone. No domain
   * that is not in it has more than the smallest of `bytes` and `error` together.
   */
  readonly error: number;
  /** In ms since 1970. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** A few of the names, the newest first, and with each its type. */
  readonly examples: readonly { readonly name: string; readonly type: string }[];
}

/** Verdicts within one span of time. */
export interface HistoryPoint {
  /** When the span began, in ms since 1970. */
  readonly time: number;
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
}

/** How long replies took, cumulative as OpenMetrics wants it. */
export interface DurationHistogram {
  readonly buckets: readonly { readonly seconds: number; readonly count: number }[];
  readonly count: number;
  /** In s. */
  readonly sum: number;
}

/** All of it at one moment. Reading it costs something: not for each query. */
export interface Snapshot {
  /** In ms since 1970. */
  readonly started: number;
  readonly now: number;
  readonly queries: ReadonlyMap<string, number>;
  readonly responses: readonly ResponseCount[];
  readonly durations: DurationHistogram;
  /** The largest, by bytes. */
  readonly blocked: readonly BlockedDomain[];
  /** The bytes of all blocked names since the start, kept in the list or not, as an estimate. */
  readonly blockedBytes: number;
  /** How many alarms there have been, those included that made no line of their own. */
  readonly alarms: number;
  /** The newest first. */
  readonly decisions: readonly Decided[];
  /** The oldest first, a span a minute. */
  readonly history: readonly HistoryPoint[];
}

/** Keeps all of that, in memory that does not grow. */
export interface Statistics {
  snapshot(): Snapshot;
}
