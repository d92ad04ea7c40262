/** Counts of all queries: by type, by what they came to, and how long replies took. */

import type { Reason, Verdict } from "./event.ts";
import type { DurationHistogram, ResponseCount } from "./stats.ts";

/** All types that are counted by name (IANA, DNS parameters); a client must not make up names of counters. */
const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  NULL: 10,
  PTR: 12,
  MX: 15,
  TXT: 16,
  KEY: 25,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DS: 43,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  ANY: 255,
  CAA: 257,
};

/** What all others are counted as, queries of which no type could be read among them. */
const OTHER = "other";
const TYPE_NAMES: readonly string[] = [...Object.keys(TYPES), OTHER];
const OTHER_PLACE = TYPE_NAMES.length - 1;

/** The place of each type's count. */
const PLACES: Uint8Array = new Uint8Array(258).fill(OTHER_PLACE);
Object.values(TYPES).forEach((number, place) => PLACES[number] = place);

/** Whether a type is counted by its name. */
export function isKnownType(type: number): boolean {
  return type < PLACES.length && PLACES[type] !== OTHER_PLACE;
}

/** The upper ends of the histogram's buckets, in ms; one without an end follows. */
const BUCKETS: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/** Numbers that only grow. Counting makes no object and reads no clock. */
export class Counters {
  readonly #types = new Float64Array(TYPE_NAMES.length);
  readonly #responses = new Map<Verdict, Map<Reason, { count: number }>>();
  /** The count that was used last: most of the time it is the one of the next query. */
  #last = { count: 0 };
  #lastVerdict: Verdict | undefined;
  #lastReason: Reason | undefined;
  readonly #durations = new Float64Array(BUCKETS.length + 1);
  #durationSum = 0;

  /** Counts a query; `type` is missing where none could be read, `ms` where there was no reply. */
  count(
    verdict: Verdict,
    reason: Reason,
    type: number | undefined,
    ms: number | undefined,
  ): void {
    const place = type !== undefined && type < PLACES.length ? PLACES[type]! : OTHER_PLACE;
    this.#types[place]!++;
    if (verdict !== this.#lastVerdict || reason !== this.#lastReason) {
      this.#last = this.#responseCount(verdict, reason);
      this.#lastVerdict = verdict;
      this.#lastReason = reason;
    }
    this.#last.count++;
    if (ms === undefined) return;
    let bucket = 0;
    while (bucket < BUCKETS.length && ms > BUCKETS[bucket]!) bucket++;
    this.#durations[bucket]!++;
    this.#durationSum += ms;
  }

  /** How often each type was asked for, those that never were left out. */
  get queries(): Map<string, number> {
    const entries = TYPE_NAMES.map((name, place) => [name, this.#types[place]!] as const);
    return new Map(entries.filter(([, count]) => count > 0));
  }

  /** What queries came to, as far as they did. */
  get responses(): ResponseCount[] {
    return [...this.#responses].flatMap(([verdict, reasons]) =>
      [...reasons].map(([reason, { count }]) => ({ verdict, reason, count }))
    );
  }

  /** How long replies took. */
  get durations(): DurationHistogram {
    let count = 0;
    const buckets = BUCKETS.map((ms, bucket) => {
      count += this.#durations[bucket]!;
      return { seconds: ms / 1000, count };
    });
    return {
      buckets,
      count: count + this.#durations[BUCKETS.length]!,
      sum: this.#durationSum / 1000,
    };
  }

  #responseCount(verdict: Verdict, reason: Reason): { count: number } {
    let reasons = this.#responses.get(verdict);
    if (reasons === undefined) this.#responses.set(verdict, reasons = new Map());
    let found = reasons.get(reason);
    if (found === undefined) reasons.set(reason, found = { count: 0 });
    return found;
  }
}
