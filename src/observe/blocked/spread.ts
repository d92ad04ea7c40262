/** Clients that ask below many domains which nobody had asked for before, a little below each. */

import { Attempt } from "./attempt.ts";

/** How many clients are kept. */
const KEPT_SPREADS = 256;

interface Spread {
  readonly attempt: Attempt;
  rank: number;
}

/** By client; one that is new takes the place of the one with the fewest domains, as in the table of domains. */
export class Spreads {
  readonly #clients = new Map<string, Spread>();
  /** All clients that found no place at first. */
  #others: Attempt | undefined;

  /** Counts a new domain, and returns what its client has tried in all, or all that found no place. */
  add(client: string, now: number, bits: number, weight: number): Attempt {
    const wasThere = this.#clients.get(client);
    const spread = wasThere ?? this.#makeRoom(client, now);
    spread.rank += weight;
    spread.attempt.add(now, bits, true, weight);
    if (wasThere !== undefined || this.#others === undefined) return spread.attempt;
    this.#others.add(now, bits, true, weight);
    return this.#others;
  }

  #makeRoom(client: string, now: number): Spread {
    const spread = { attempt: new Attempt(client, undefined, now), rank: 0 };
    if (this.#clients.size === KEPT_SPREADS) {
      this.#others ??= new Attempt(undefined, undefined, now);
      let gone = "";
      spread.rank = Infinity;
      for (const [other, { rank }] of this.#clients) {
        if (rank < spread.rank) [gone, spread.rank] = [other, rank];
      }
      this.#clients.delete(gone);
    }
    this.#clients.set(client, spread);
    return spread;
  }
}
