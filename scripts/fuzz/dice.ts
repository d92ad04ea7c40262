/** Choices that come out the same for the same seed. */

import { SeededRandom } from "../../tests/support/seeded_random.ts";

/** Bytes that break things more often than others. */
const ODD_BYTES = [0, 1, 2, 11, 12, 13, 15, 41, 63, 64, 127, 128, 191, 192, 193, 254, 255];

/** A source of choices. */
export class Dice {
  readonly #random: SeededRandom;

  constructor(readonly seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** A number from 0 to `bound` - 1; `bound` is 1 to 65536. */
  below(bound: number): number {
    return this.#random.below(bound);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One of a list that is not empty. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** A byte, more often than not one that means something somewhere. */
  byte(): number {
    return this.oneIn(2) ? this.pick(ODD_BYTES) : this.below(256);
  }

  /** A 16-bit number, as a rule small or at an edge. */
  number(): number {
    return this.pick([0, 1, 2, this.below(64), this.below(65_536), 255, 256, 0x7fff, 0xffff]);
  }

  /** `count` bytes. */
  bytes(count: number): number[] {
    return Array.from({ length: count }, () => this.byte());
  }
}
