/** When a query came, by both clocks. */

import type { Clock } from "../system/mod.ts";

/**
 * The time of the query that is being handled.
 *
 * Reading the monotonic clock costs a fifth of all that is done for an answer at hand, the wall clock a quarter of
 * that. So the latter is read for each query, and the former only where the wall clock does not show the millisecond
 * of the query before: then it is that of this query, too. A wall clock that is set shows another one, as any does
 * that goes on.
 */
export class Moment {
  /** Wall-clock time, in ms since 1970. */
  now = NaN;
  /** In ms of the monotonic clock; at most a millisecond old. */
  monotonic = 0;

  constructor(readonly clock: Clock) {}

  /** Looks at the clock. */
  read(): void {
    const now = this.clock.now();
    if (now === this.now) return;
    this.now = now;
    this.monotonic = this.clock.monotonic();
  }
}
