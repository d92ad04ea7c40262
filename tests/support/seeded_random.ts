/** Random numbers that come out the same each time. */

import type { Random } from "../../src/system/mod.ts";

/** A small generator (mulberry32): for tests alone. */
export class SeededRandom implements Random {
  #state: number;

  constructor(readonly seed: number) {
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

  fork(label: string): Random {
    let seed = Math.imul(this.seed, 0x9e3779b1) | 1;
    for (const letter of label) seed = Math.imul(seed ^ letter.codePointAt(0)!, 0x01000193);
    return new SeededRandom(seed);
  }
}
