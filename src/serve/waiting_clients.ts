/** Who waits for an answer that is not at hand: each client has a share of the places. */

import type { Rule } from "../policy/mod.ts";
import { clientOf, FairShares } from "../resolve/mod.ts";

/** So many times `in_flight` may wait in all; the memory for them is what is bounded. */
const MOST_WAITING = 64;

/** The places in which queries wait. */
export class WaitingClients {
  readonly #all = new FairShares(0);
  readonly #forWildcards = new FairShares(0);

  /** How many wait. */
  get count(): number {
    return this.#all.taken;
  }

  /** Sets their number by `in_flight`. Below wildcards clients can make up names: who waits for one has half of the places. */
  limit(inFlight: number): void {
    this.#all.limit(inFlight * MOST_WAITING);
    this.#forWildcards.limit(inFlight * MOST_WAITING / 2);
  }

  /** Takes a place for a client (its IP address); what it returns gives the place back. Undefined: there is none. */
  enter(address: string, { pattern }: Rule): (() => void) | undefined {
    const client = clientOf(address);
    const shares = pattern.reach === "exact" ? [this.#all] : [this.#all, this.#forWildcards];
    if (!shares.every((share) => share.hasRoom(client))) return undefined;
    for (const share of shares) share.take(client);
    return () => {
      for (const share of shares) share.giveBack(client);
    };
  }
}
