/** How many of the names below domains that are not in the table are looked at: it takes long, and floods have many. */

/** How many are looked at in a second before every second one of the rest is passed over. */
export const LOOKS = 1000;

/**
 * Passes over half of the names, then half of the rest, and so on, by their hash: so all queries for one name have the
 * same fate, and what is left, counted twice, four times … as much, comes to the same on average.
 */
export class Sampling {
  #shift = 0;
  #looks = 0;

  /** How many names each that is looked at stands for. */
  get weight(): number {
    return 2 ** this.#shift;
  }

  /** Whether to look at a name, by its mixed hash. */
  takes(hash: number): boolean {
    if (this.#shift > 0 && hash >>> (32 - this.#shift) !== 0) return false;
    if (++this.#looks > LOOKS && this.#shift < 20) {
      this.#shift++;
      this.#looks = 0;
    }
    return true;
  }

  /** A second is over. Whether nothing is passed over. */
  endSecond(): boolean {
    if (this.#looks < LOOKS / 4 && this.#shift > 0) this.#shift--;
    this.#looks = 0;
    return this.#shift === 0;
  }
}
