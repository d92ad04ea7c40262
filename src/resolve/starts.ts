/**
 * Emissions that clients have started and that are not over: each client has a share of the places.
 *
 * A share decides whether an emission starts, as not asking would, and nothing of what follows from it: who has started
 * it never shows upstream (docs/decisions/fairness.md).
 */

import type { Rule } from "../policy/mod.ts";
import { clientOf, FairShares } from "./fairness.ts";
import type { Slot } from "./slot.ts";

/** Whose place it is: a client's, among those who want the same upstreams. One that is silent costs the others nothing. */
export function holderOf(address: string, { upstreams }: Rule): string {
  return [clientOf(address), ...upstreams.map(({ key }) => key)].join(" ");
}

/** The emissions that are under way or between two rounds, and by whom they were started. */
export class Starts {
  readonly #shares: FairShares;
  readonly #holders = new Map<Slot, string>();

  /** `places`: how many there may be, 1 or more. */
  constructor(places: number) {
    this.#shares = new FairShares(places);
  }

  /** The slots whose emissions they are. */
  get slots(): Iterable<Slot> {
    return this.#holders.keys();
  }

  /** Whether a holder, as {@linkcode holderOf} names it, may start one more. */
  hasRoom(holder: string): boolean {
    return this.#shares.hasRoom(holder);
  }

  /** One of a slot that had none has been started. */
  note(slot: Slot, holder: string): void {
    this.#holders.set(slot, holder);
    this.#shares.take(holder);
  }

  /** The emission of a slot is over, whoever has started it. */
  end(slot: Slot): void {
    const holder = this.#holders.get(slot);
    if (holder === undefined) return;
    this.#holders.delete(slot);
    this.#shares.giveBack(holder);
  }

  /** After a reload: from now on there are so many places, and only those go on that `isOne` says are still such. */
  keep(places: number, isOne: (slot: Slot) => boolean): void {
    this.#shares.limit(places);
    for (const slot of [...this.#holders.keys()]) {
      if (!slot.isBusy || !isOne(slot)) this.end(slot);
    }
  }
}
