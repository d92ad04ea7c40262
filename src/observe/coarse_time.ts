/** What time it is to the second: reading a clock takes as long as all else that is counted of a query. */

import type { Clock } from "../system/mod.ts";

const SECOND = 1000;

/** The time at the beginning of the second in which something was first seen. While nothing happens, nothing runs. */
export class CoarseTime {
  /** In ms since 1970. */
  wall = 0;
  /** In ms of the monotonic clock. */
  monotonic = 0;
  #isFresh = false;

  /** `onSecond` is called a second after that; where it returns that it is not done, it is called again. */
  constructor(readonly clock: Clock, readonly onSecond: () => boolean) {}

  /** Reads the clock where it was not read within this second. */
  touch(): void {
    if (this.#isFresh) return;
    this.#isFresh = true;
    this.wall = this.clock.now();
    this.monotonic = this.clock.monotonic();
    this.clock.setTimer(SECOND, () => {
      this.#isFresh = false;
      if (!this.onSecond()) this.touch();
    });
  }
}
