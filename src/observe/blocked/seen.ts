/** What has been seen before, in memory that does not grow: a Bloom filter of two generations. */

import { mix } from "./name_digest.ts";

/** Words of 32 bits in a generation: a power of two. */
const WORDS = 1 << 17;
const PLACE_SHIFT = 15;

/**
 * How many things a generation takes: with two of them for each of its words, less than one new thing in 50 looks as if
 * it had been seen.
 */
const GENERATION: number = 2 * WORDS;

/** Remembers at least the last {@linkcode GENERATION} things. What it says of others is right but for one in 50. */
export class Seen {
  #young = new Int32Array(WORDS);
  #old = new Int32Array(WORDS);
  #count = 0;

  /** Whether something is new, by its hash (32 bits, secret); from then on it is not. */
  isNew(hash: number): boolean {
    const mixed = mix(hash);
    const place = Math.imul(mixed, 0x9e3779b1) >>> PLACE_SHIFT;
    const bits = 1 << mixed | 1 << (mixed >>> 5) | 1 << (mixed >>> 10) | 1 << (mixed >>> 15);
    const young = this.#young[place]!;
    if ((young & bits) === bits) return false;
    const isOld = (this.#old[place]! & bits) === bits;
    this.#young[place] = young | bits;
    if (++this.#count === GENERATION) this.#age();
    return !isOld;
  }

  #age(): void {
    [this.#young, this.#old] = [this.#old.fill(0), this.#young];
    this.#count = 0;
  }
}
