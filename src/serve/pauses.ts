/**
 * Keeps clients who never stop asking from drowning what upstreams say.
 *
 * The runtime looks for news on other sockets only when those that it serves have nothing more for it, or after very
 * many packets. An answer that lies there unread for longer than a tick can change what is sent next; so while one is
 * awaited, all handling pauses every few packets until the system has handed over what else there is. So it does
 * shortly before a question leaves, which would else be late.
 */

import { type Clock, sleep } from "../system/mod.ts";

/** How many packets may be handled between two pauses: a quarter of a millisecond's work. */
const PACKETS = 16;

/** So many packets in more than this (ms) are no flood: then the system has had its turn in between. */
const BURST = 4;

/** Says when to handle the next packet. */
export class Pauses {
  #packets = 0;
  /** When the first of them was counted, in ms of the monotonic clock. */
  #since = -Infinity;
  #pause: Promise<void> | undefined;

  /** `isNeeded`: whether an upstream's answer is awaited, or a question is about to leave. */
  constructor(readonly clock: Clock, readonly isNeeded: () => boolean) {}

  /** Counts a packet that is to be handled. What it returns is to be awaited first, and then the packet counted anew. */
  beforePacket(): Promise<void> | undefined {
    if (this.#pause !== undefined) return this.#pause;
    if (this.#packets < PACKETS) {
      this.#packets++;
      return undefined;
    }
    const now = this.clock.monotonic();
    const isFlood = now - this.#since < BURST;
    this.#since = now;
    this.#packets = 1;
    if (!isFlood || !this.isNeeded()) return undefined;
    this.#packets = 0;
    return this.#pause = sleep(this.clock, 0).then(() => this.#pause = undefined);
  }
}
