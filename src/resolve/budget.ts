/** How many questions for names below wildcards may leave in any hour, and who may cause them. */

import { networkOf } from "../policy/mod.ts";

/**
 * An hour, in ms, and a second: a question can leave a little after the tick for which it was counted, and the next
 * one of the same place in the budget may not follow within the hour.
 */
const HOUR = 3_600_000 + 1000;

/** The part of the budget that one client can use up, so that there is always something left for another. */
const SHARE = 3 / 4;

/** Counts emissions, by when and for whom they left. */
export class Budget {
  #most = 0;
  #mostOfOne = 0;
  /** The emissions of the last hour, the oldest first, and whose they are. */
  readonly #spent: { readonly time: number; readonly client: string }[] = [];
  readonly #ofClient = new Map<string, number>();

  /** `most` in any hour. */
  constructor(most: number) {
    this.limit(most);
  }

  /** From now on at most so many in any hour; those that have left count. */
  limit(most: number): void {
    this.#most = most;
    this.#mostOfOne = most === 1 ? 1 : Math.floor(most * SHARE);
  }

  /**
   * Takes one emission that leaves at `time` (ms of the monotonic clock; never earlier than the one before) for a
   * client with this IP address. False: there is none left, or none for this client.
   */
  take(address: string, time: number): boolean {
    this.#forget(time - HOUR);
    const client = networkOf(address);
    const used = this.#ofClient.get(client) ?? 0;
    if (this.#spent.length >= this.#most || used >= this.#mostOfOne) return false;
    this.#spent.push({ time, client });
    this.#ofClient.set(client, used + 1);
    return true;
  }

  #forget(until: number): void {
    while (this.#spent.length > 0 && this.#spent[0]!.time <= until) {
      const { client } = this.#spent.shift()!;
      const used = this.#ofClient.get(client)! - 1;
      if (used === 0) this.#ofClient.delete(client);
      else this.#ofClient.set(client, used);
    }
  }
}
