/** Clients who wait for the same answer. */

import { LONGEST_WAIT } from "../policy/mod.ts";
import type { Clock } from "../system/mod.ts";
import type { Cancel } from "./outcome.ts";
import type { Resolution } from "./resolution.ts";

/** How long a client waits for a fresh answer where a stale one is at hand, in ms (RFC 8767 5). */
export const STALE_WAIT = 1800;

/** How long a client waits where there is no answer at hand, in ms: what is left is for its reply. */
export const ANSWER_WAIT = LONGEST_WAIT - 100;

/** All who wait for one answer, for so long. */
export class Waiting {
  /** What each of them hears. */
  readonly promise: Promise<Resolution>;
  /** How many they are. */
  clients = 0;
  readonly #resolve: (resolution: Resolution) => void;
  #stopTimer: Cancel;

  /** After `time` (ms) without an answer, `onTimeout` has to give one, or to have them go on. */
  constructor(readonly clock: Clock, time: number, onTimeout: () => void) {
    const { promise, resolve } = Promise.withResolvers<Resolution>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#stopTimer = clock.setTimer(time, onTimeout);
  }

  /** They wait for so much longer (ms). */
  goOn(time: number, onTimeout: () => void): void {
    this.#stopTimer = this.clock.setTimer(time, onTimeout);
  }

  /** Tells all of them. */
  answer(resolution: Resolution): void {
    this.#stopTimer();
    this.#resolve(resolution);
  }
}
