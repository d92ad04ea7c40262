/** The newest decisions, some of each second: a flood must not cost more than it does anyway. */

import { isAnswered, type QueryEvent, type Verdict } from "./event.ts";
import type { Decided } from "./stats.ts";

/** How many decisions are kept of those that let a query through, and of the others. */
export const KEPT = 128;

/** How many of each are taken in a second. */
export const TAKEN = 10;

/** A ring of each, so that those of one kind do not push out those of the other. */
export class Recent {
  readonly #answered = new Ring();
  readonly #others = new Ring();

  /** Whether this one is to be kept; then `keep` has to follow. */
  wants(verdict: Verdict): boolean {
    return this.#ringOf(verdict).left > 0;
  }

  /** Keeps it, with the time in ms since 1970. */
  keep(time: number, query: QueryEvent): void {
    this.#ringOf(query.verdict).keep({ time, query });
  }

  /** A new second. */
  refill(): void {
    this.#answered.left = this.#others.left = TAKEN;
  }

  /** The newest first. */
  get decisions(): Decided[] {
    return [...this.#answered.newest, ...this.#others.newest].sort((a, b) => b.time - a.time);
  }

  #ringOf(verdict: Verdict): Ring {
    return isAnswered(verdict) ? this.#answered : this.#others;
  }
}

class Ring {
  left = TAKEN;
  readonly #kept: Decided[] = [];
  #next = 0;

  keep(decided: Decided): void {
    this.left--;
    this.#kept[this.#next] = decided;
    this.#next = (this.#next + 1) % KEPT;
  }

  /** The newest first. */
  get newest(): Decided[] {
    return [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)].reverse();
  }
}
