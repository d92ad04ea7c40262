/** How many questions may leave: a number of places, or a rate. Who finds the gate closed waits in line. */

import type { Cancel } from "./outcome.ts";
import { compareOrders, FIRST, LAST, type Order, type Ticks } from "./ticks.ts";

/** Lets questions leave on ticks, within a limit. */
export interface Gate {
  /** Whether clients had better not wait for what comes to it now. */
  readonly isFull: boolean;
  /** Whether what nobody waits for had better not come to it now. */
  readonly isBusy: boolean;
  /**
   * Runs `leave` now, or, when it is its turn, on a later tick. To be called on a tick, in the tick's order. What it
   * returns takes who still waits out of the line.
   */
  enter(leave: () => void, order: Order): Cancel;
  /** One that has left is done. */
  done(): void;
}

/** A gate with a number of places. */
export class Places implements Gate {
  readonly #line = new Set<{ readonly leave: () => void; readonly order: Order }>();
  #taken = 0;

  constructor(readonly most: number, readonly ticks: Ticks) {}

  get isFull(): boolean {
    return this.#taken >= this.most || this.#line.size > 0;
  }

  get isBusy(): boolean {
    return this.#taken >= this.most / 2 || this.#line.size > 0;
  }

  enter(leave: () => void, order: Order): Cancel {
    if (this.isFull) {
      const one = { leave, order };
      this.#line.add(one);
      return () => this.#line.delete(one);
    }
    this.#taken++;
    leave();
    return () => {};
  }

  done(): void {
    this.#taken--;
    if (this.#line.size > 0) this.ticks.soon(LAST, () => this.#callNext());
  }

  #callNext(): void {
    // The line can have a place for each of a million names: only those who are called are looked at.
    const called = [...this.#line.values().take(Math.max(0, this.most - this.#taken))];
    for (const one of called) this.#line.delete(one);
    this.#taken += called.length;
    // Who came first goes first; but those of one tick leave in the policy's order, as ever.
    called.sort((a, b) => compareOrders(a.order, b.order));
    for (const { leave } of called) leave();
  }
}

/** What the sum of times may be off by, in ms. */
const ROUNDING = 1e-6;

/** A gate that lets at most so many through in any second. Everyone's turn comes, so it is never full. */
export class Rate implements Gate {
  readonly isFull = false;
  readonly isBusy = false;
  readonly #line = new Set<{ readonly leave: () => void }>();
  /** When the row began that the last one belongs to, and how many it has: one follows the other at the rate. */
  #begun = -Infinity;
  #passed = 0;
  /** When the last ones left, as many as may in a second; a ring. */
  readonly #left: number[];
  #number = 0;
  #isCalling = false;

  /** `perSecond` is 1 or more. */
  constructor(readonly perSecond: number, readonly ticks: Ticks) {
    this.#left = new Array<number>(perSecond).fill(-Infinity);
  }

  enter(leave: () => void): Cancel {
    const one = { leave };
    this.#line.add(one);
    if (!this.#isCalling) this.#callNext();
    return () => this.#line.delete(one);
  }

  done(): void {}

  /** Counted from the row's beginning: the errors of a long sum would let one more through. */
  get #nextFree(): number {
    return this.#begun + this.#passed * 1000 / this.perSecond;
  }

  /** Where ticks do not fit into a second evenly, a second after the one that many before is later. */
  get #opensAt(): number {
    return Math.max(this.#nextFree, this.#left[this.#number % this.perSecond]! + 1000);
  }

  #callNext(): void {
    const now = this.ticks.time;
    for (const one of this.#line) {
      if (this.#opensAt > now + ROUNDING) break;
      // Whoever was free within the last tick had to wait for this one: that time is not lost.
      if (this.#nextFree <= now - this.ticks.length + ROUNDING) {
        this.#begun = now;
        this.#passed = 0;
      }
      this.#passed++;
      this.#left[this.#number++ % this.perSecond] = now;
      this.#line.delete(one);
      one.leave();
    }
    this.#isCalling = this.#line.size > 0;
    if (this.#isCalling) this.ticks.at(this.#opensAt, FIRST, () => this.#callNext());
  }
}
