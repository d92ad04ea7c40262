/** Verdicts of the last day, minute by minute. */

import type { Clock } from "../system/mod.ts";
import { type Verdict, VERDICTS } from "./event.ts";
import type { HistoryPoint, ResponseCount } from "./stats.ts";

/** How many minutes are kept. */
export const MINUTES = 24 * 60;

const MINUTE = 60_000;

/** A ring of minutes. It looks at the counts once a minute, so that counting costs a query nothing more. */
export class History {
  readonly #times = new Float64Array(MINUTES);
  readonly #counts = new Float64Array(MINUTES * VERDICTS.length);
  /** How many minutes have ended since the start. */
  #ended = 0;
  /** What had been counted when this minute began. */
  #before = new Float64Array(VERDICTS.length);
  #began: number;
  #callOff = (): void => {};

  constructor(readonly clock: Clock, readonly responses: () => readonly ResponseCount[]) {
    this.#began = clock.now();
  }

  /** Begins to keep it. */
  begin(): void {
    this.#callOff = this.clock.setTimer(MINUTE, () => {
      this.#endMinute();
      this.begin();
    });
  }

  /** Ends it. */
  stop(): void {
    this.#callOff();
  }

  /** The oldest first, the minute that has not ended last. */
  get points(): HistoryPoint[] {
    const points: HistoryPoint[] = [];
    for (let minute = Math.max(0, this.#ended - MINUTES); minute < this.#ended; minute++) {
      const place = minute % MINUTES;
      const from = place * VERDICTS.length;
      const counts = this.#counts.subarray(from, from + VERDICTS.length);
      points.push({ time: this.#times[place]!, counts: named(counts) });
    }
    const now = this.#total();
    points.push({ time: this.#began, counts: named(now.map((n, i) => n - this.#before[i]!)) });
    return points;
  }

  #endMinute(): void {
    const place = this.#ended++ % MINUTES;
    const now = this.#total();
    this.#times[place] = this.#began;
    this.#counts.set(now.map((count, i) => count - this.#before[i]!), place * VERDICTS.length);
    this.#before = now;
    this.#began = this.clock.now();
  }

  #total(): Float64Array<ArrayBuffer> {
    const total = new Float64Array(VERDICTS.length);
    for (const { verdict, count } of this.responses()) total[VERDICTS.indexOf(verdict)]! += count;
    return total;
  }
}

function named(counts: Float64Array): Partial<Record<Verdict, number>> {
  const found = VERDICTS.map((verdict, i) => [verdict, counts[i]!] as const);
  return Object.fromEntries(found.filter(([, count]) => count > 0));
}
