/** Which addresses are admitted, and until when. */

/**
 * How many addresses a set may hold. The ruleset's have room for twice as many: the kernel takes its time to clear
 * out what has expired.
 */
export const MOST_ADMITTED = 32_768;

/** Remembers until when each address is admitted, so that nothing shortens it. Times are in ms, monotonic. */
export class Book {
  readonly #until = new Map<string, number>();

  /** With room for `most` addresses. */
  constructor(readonly most = MOST_ADMITTED) {}

  /** Until when an address is admitted; before all time where it is not. */
  until(address: string): number {
    return this.#until.get(address) ?? -Infinity;
  }

  /** Whether one more address can be written down, or this one is; drops what has expired where it must. */
  hasRoom(address: string, now: number): boolean {
    if (this.#until.has(address) || this.#until.size < this.most) return true;
    for (const [other, until] of this.#until) if (until <= now) this.#until.delete(other);
    return this.#until.size < this.most;
  }

  set(address: string, until: number): void {
    this.#until.set(address, until);
  }

  clear(): void {
    this.#until.clear();
  }
}
