/**
 * Lets everyone have their turn: of what comes over TCP, and of replies that have waited, so much is done at a time.
 *
 * The runtime hands over all that has come in on all connections before it looks at other sockets again. Without this,
 * 64 connections that are full of queries, or thousands of clients that get the same answer, would keep a query over UDP
 * waiting for as long as all of them take.
 */

import { type Clock, sleep } from "../system/mod.ts";

/** Work before a turn of the event loop, in queries: a millisecond or two. */
const MOST = 384;

/** From here on a turn is asked for: it takes about a millisecond to come, which is then not spent idle. */
const ENOUGH = 128;

/** One of those that share a turn. */
export class Taker {
  /** The turn in which it had something last, and how much. */
  turn = -1;
  taken = 0;
}

/** Counts work, and says when to wait for the event loop's next turn. */
export class Turns {
  #number = 0;
  #done = 0;
  #isAsked = false;
  /** Wakes those that wait, who came first at the front: to wake all for each turn would cost more than their work. */
  #waiting: (() => void)[] = [];
  /** What each of those that waited may do of this turn. */
  #share = MOST;

  constructor(readonly clock: Clock) {}

  /** Whether there is more to do than one turn takes. */
  get isFull(): boolean {
    return this.#done >= MOST;
  }

  /**
   * Counts work that is to be done, as much as so many queries take; for a `taker`, within its share. What it returns
   * is to be awaited first, and then the work counted anew.
   */
  before(work = 1, taker?: Taker): Promise<void> | undefined {
    const hasToWait = this.isFull || this.#takenBy(taker) >= this.#share;
    if (hasToWait || this.#done >= ENOUGH) this.#ask();
    if (hasToWait) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#done += work;
    if (taker !== undefined) taker.taken += work;
    return undefined;
  }

  /** Waits until there is room for so much work, and counts it. */
  async take(work = 1): Promise<void> {
    for (let wait = this.before(work); wait !== undefined; wait = this.before(work)) await wait;
  }

  #takenBy(taker: Taker | undefined): number {
    if (taker === undefined) return 0;
    if (taker.turn !== this.#number) {
      taker.turn = this.#number;
      taker.taken = 0;
    }
    return taker.taken;
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    void sleep(this.clock, 0).then(() => this.#begin());
  }

  #begin(): void {
    this.#share = MOST / Math.max(1, this.#waiting.length);
    this.#number++;
    this.#done = 0;
    this.#isAsked = false;
    const woken = this.#waiting.splice(0, MOST);
    if (this.#waiting.length > 0) this.#ask();
    for (const wake of woken) wake();
  }
}
