/** What clients share, so that none of them can take all of it from the others. */

import { isLoopback, networkOf } from "../policy/mod.ts";

/**
 * A client may take more as long as it has less than this many times what is left. One that asks for all there is
 * gets three quarters, two such three sevenths each, and one that comes later always finds something.
 */
const GREED = 3;

/**
 * Who counts as one client: an address of IPv4, a network of 64 bits of IPv6, and all of loopback, where every process
 * can choose among millions of addresses.
 */
export function clientOf(address: string): string {
  return isLoopback(address) ? "loopback" : networkOf(address);
}

/** A number of things that clients hold. It knows those clients alone that hold one. */
export class FairShares {
  #most: number;
  #taken = 0;
  readonly #ofClient = new Map<string, number>();

  /** `most` is how many there are, 0 or more. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** How many clients hold one. */
  get clients(): number {
    return this.#ofClient.size;
  }

  /** From now on there are so many; what is taken stays taken. */
  limit(most: number): void {
    this.#most = most;
  }

  /** Whether there is one for a client, as {@linkcode clientOf} names it. */
  hasRoom(client: string): boolean {
    return (this.#ofClient.get(client) ?? 0) < GREED * (this.#most - this.#taken);
  }

  /** Takes one for a client, whether there is room or not. */
  take(client: string): void {
    this.#taken++;
    this.#ofClient.set(client, (this.#ofClient.get(client) ?? 0) + 1);
  }

  /** Gives back so many that the client has taken. */
  giveBack(client: string, count = 1): void {
    const left = this.#ofClient.get(client)! - count;
    this.#taken -= count;
    if (left === 0) this.#ofClient.delete(client);
    else this.#ofClient.set(client, left);
  }
}
