/** Words for people about what goes wrong again and again. */

import type { Clock } from "../system/mod.ts";

/** How long it is silent about a thing after it has spoken of it, in ms. */
const SILENCE = 60_000;

/** Says each thing at most once a minute; the things are few. */
export class Complaints {
  readonly #said = new Map<string, number>();

  constructor(readonly clock: Clock, readonly say: (message: string) => void) {}

  /** Says `message`, unless something of the same `kind` was said within the last minute. */
  about(kind: string, message: string): void {
    const now = this.clock.monotonic();
    if (now < (this.#said.get(kind) ?? -Infinity) + SILENCE) return;
    this.#said.set(kind, now);
    this.say(message);
  }
}
