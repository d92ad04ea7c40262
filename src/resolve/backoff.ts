/** The pauses after rounds that have failed. */

import type { Random } from "../system/mod.ts";

/** The first and the longest, in ms: each is twice the one before. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1000, 30_000];

/** How long to wait before the next round. It begins with the first one that fails, and ends with an answer. */
export class Backoff {
  #doublings = 0;

  /** A round has failed: how long to pause, in ms, up to a quarter longer than its due. */
  fail(random: Random): number {
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#doublings, LONGEST_PAUSE);
    this.#doublings++;
    return pause + random.below(pause >> 2);
  }

  /** The next pause is a short one again, though there was no answer. */
  shorten(): void {
    this.#doublings = 0;
  }
}
