/** What one client, or several, have tried below one domain, or all over, within an hour; and when that is worth an alarm. */

import type { AlarmEvent } from "../event.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What counts as an attempt, within an hour. */
interface Threshold {
  readonly bits: number;
  readonly names: number;
}

/** 1 kB below one domain, whatever the names look like. */
const MUCH: Threshold = { bits: 8 * 1000, names: 1 };

/**
 * A little, where nearly every query has another name: a tunnel's client that gets no answer says a few bytes every few
 * seconds, and never the same. People's programs ask for A and AAAA of a name, and again when nothing comes.
 */
const ALL_DIFFERENT: Threshold = { bits: 8 * 64, names: 10 };
const DIFFERENT = 0.6;

/** 2 kB in names below 256 domains that nobody had asked for before. */
const SPREAD: Threshold = { bits: 8 * 2000, names: 256 };

/** How long after an alarm the same may be told again, in ms: where it has doubled, and in any case. */
const AGAIN = { doubled: 10 * MINUTE, any: HOUR };

/** Counts within an hour from the first query on, then anew. */
export class Attempt {
  queries = 0;
  names = 0;
  bits = 0;
  #total = 0;
  #toldTotal = 0;
  #toldAt = -Infinity;
  #isPending = false;
  #last: number;

  /** `start` is in ms of the monotonic clock. `client` is undefined for several, `domain` for all of them. */
  constructor(
    readonly client: string | undefined,
    readonly domain: string | undefined,
    public start: number,
  ) {
    this.#last = start;
  }

  /** Counts a query, as `weight` of them; `bits` is what it can have carried, 0 where its name is known. */
  add(now: number, bits: number, isNewName: boolean, weight: number): void {
    if (now - this.start >= HOUR && !this.#isPending) {
      this.start = now;
      this.queries = this.names = this.bits = 0;
    }
    this.#last = now;
    this.queries += weight;
    if (isNewName) this.names += weight;
    this.bits += bits * weight;
    this.#total += bits * weight;
  }

  /** Whether an alarm is due, and none is on its way. */
  isDue(now: number): boolean {
    if (this.#isPending || !this.#isAttempt()) return false;
    const since = now - this.#toldAt;
    return since >= AGAIN.any || (since >= AGAIN.doubled && this.#total >= 2 * this.#toldTotal);
  }

  /** An alarm is on its way: until it is told, none is due. */
  expectAlarm(): void {
    this.#isPending = true;
  }

  /** The alarm, as things stand at this moment. */
  tell(now: number): AlarmEvent {
    this.#isPending = false;
    this.#toldAt = now;
    this.#toldTotal = this.#total;
    const { client, domain, bits, names } = this;
    return {
      event: "alarm",
      ...(client !== undefined && { client }),
      ...(domain !== undefined && { domain }),
      domains: domain === undefined ? Math.round(names) : 1,
      bytes: Math.round(bits / 8),
      names: Math.round(names),
      seconds: Math.max(1, Math.round((this.#last - this.start) / SECOND)),
    };
  }

  #isAttempt(): boolean {
    if (this.domain === undefined) return this.#reaches(SPREAD);
    return this.#reaches(MUCH) ||
      (this.#reaches(ALL_DIFFERENT) && this.names > DIFFERENT * this.queries);
  }

  #reaches({ bits, names }: Threshold): boolean {
    return this.bits >= bits && this.names >= names;
  }
}
