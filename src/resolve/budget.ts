/** How many questions for names that clients choose may leave in any hour, or day, and who may cause them. */

import { clientOf, FairShares } from "./fairness.ts";

/**
 * In ms: a question can leave a little after the tick for which it was counted, and the next one of the same place in
 * the budget may not follow within the window.
 */
const LATE = 1000;

/** In ms. */
export const HOUR = 3_600_000 + LATE;

/** In ms. */
export const DAY: number = 24 * 3_600_000 + LATE;

/** Emissions of one client on one tick: they are forgotten together. */
interface Spent {
  readonly time: number;
  readonly client: string;
  count: number;
}

/** Counts emissions, by when and for whom they left. */
export class Budget {
  readonly #shares: FairShares;
  /** The emissions of the last window, the oldest first, and whose they are. */
  readonly #spent: Spent[] = [];

  /** `most` in any window, of so many ms. */
  constructor(most: number, readonly window = HOUR) {
    this.#shares = new FairShares(most);
  }

  /** From now on at most so many in any window; those that have left count. */
  limit(most: number): void {
    this.#shares.limit(most);
  }

  /**
   * Takes one emission that leaves at `time` (ms of the monotonic clock; never earlier than the one before) for a
   * client with this IP address. False: there is none left, or none for this client.
   */
  take(address: string, time: number): boolean {
    this.#forget(time - this.window);
    const client = clientOf(address);
    if (!this.#shares.hasRoom(client)) return false;
    this.#shares.take(client);
    this.#remember(client, time);
    return true;
  }

  #remember(client: string, time: number): void {
    const last = this.#spent.at(-1);
    if (last?.time === time && last.client === client) last.count++;
    else this.#spent.push({ time, client, count: 1 });
  }

  #forget(until: number): void {
    while (this.#spent.length > 0 && this.#spent[0]!.time <= until) {
      const { client, count } = this.#spent.shift()!;
      this.#shares.giveBack(client, count);
    }
  }
}
