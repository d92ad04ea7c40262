/** Random numbers that come out the same each time. */

import type { Random } from "../../src/system/mod.ts";

/** A small generator (mulberry32): for tests alone. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  uint16(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) >>> 16;
  }

  below(bound: number): number {
    return this.uint16() % bound;
  }

  fork(): Random {
    return new SeededRandom((this.uint16() << 16) | this.uint16());
  }
}
