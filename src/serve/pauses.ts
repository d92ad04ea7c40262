/**
 * Keeps clients who never stop asking from drowning what upstreams say.
 *
 * The runtime looks for news on other sockets only when those that it serves have nothing more for it, or after very
 * many packets. An answer that lies there unread for longer than a tick can change what is sent next; so while one is
 * awaited, all receiving pauses every few packets until the system has handed over what else there is. So it does
 * shortly before a question leaves, which would else be late.
 */

import { type Clock, sleep } from "../system/mod.ts";

/** How many packets may be received between two pauses: well under a millisecond's work. */
const PACKETS = 32;

/** Says when to receive the next packet. */
export class Pauses {
  #packets = 0;
  #pause: Promise<void> | undefined;

  /** `isNeeded`: whether an upstream's answer is awaited, or a question is about to leave. */
  constructor(readonly clock: Clock, readonly isNeeded: () => boolean) {}

  /** Counts a packet; what it returns is to be awaited before the next one is received. */
  afterPacket(): Promise<void> | undefined {
    this.#packets++;
    if (this.#pause === undefined && this.#packets >= PACKETS && this.isNeeded()) {
      this.#packets = 0;
      this.#pause = sleep(this.clock, 0).then(() => this.#pause = undefined);
    }
    return this.#pause;
  }
}
