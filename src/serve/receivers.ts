/**
 * How many receive loops a socket is worth.
 *
 * In a flood each turn of the event loop serves as many packets as there are loops: with 32 of them a query takes an
 * eighth less of the processor than with one. But each packet that comes alone wakes all that wait for one, and 31 of
 * them in vain, which makes it cost twice as much. So there are many as long as packets come fast, and else one.
 * Where each turn is long because others have much to do, a few keep queries from having to wait for one turn each.
 */

import type { Clock } from "../system/mod.ts";

/** The most and the fewest. */
const [FEWEST, MOST] = [1, 32];

/** How many there are at least while turns are long. */
const SOME = 8;

/** How many packets are counted to tell how fast they come. */
const PACKETS = 64;

/** In how little time (ms) they come where more loops pay, 53,000 a second, and in how much where one does, 32,000. */
const [FLOOD, CALM] = [1.2, 2];

/** Counts packets and says how many loops there had better be. */
export class Receivers {
  /** How many there had better be. */
  wanted: number = FEWEST;
  #packets = 0;
  /** When counting began, in ms of the monotonic clock. */
  #since = -Infinity;

  /** `isBusy`: whether others have more to do than one turn takes. */
  constructor(readonly clock: Clock, readonly isBusy = (): boolean => false) {}

  /** Counts a packet. */
  count(): void {
    if (this.isBusy()) this.wanted = Math.max(this.wanted, SOME);
    if (++this.#packets < PACKETS) return;
    const now = this.clock.monotonic();
    const took = now - this.#since;
    this.#packets = 0;
    this.#since = now;
    if (took < FLOOD) this.wanted = Math.min(2 * this.wanted, MOST);
    else if (took > CALM) this.wanted = FEWEST;
  }
}
