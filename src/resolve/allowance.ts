/** How many questions may leave for names that clients make up. */

import type { Question } from "../wire/mod.ts";
import { Budget } from "./budget.ts";

/** What stands between a client and the next question for a name of its choice. */
export interface Allowance {
  /**
   * Takes one emission that leaves at `time` (ms of the monotonic clock; never earlier than the one before) for a
   * client with this IP address. False: there is none left, or none for this client.
   */
  take(question: Question, address: string, time: number): boolean;
  /** What to tell of it when there was none left for a client. */
  complain(address: string): string;
}

/** That of names below wildcards: so many emissions in any hour. */
export class WildcardAllowance implements Allowance {
  #perHour: number;
  readonly #budget: Budget;

  /** `perHour` in any hour. */
  constructor(perHour: number) {
    this.#perHour = perHour;
    this.#budget = new Budget(perHour);
  }

  /** From now on at most so many in any hour; those that have left count. */
  limit(perHour: number): void {
    this.#perHour = perHour;
    this.#budget.limit(perHour);
  }

  take(_question: Question, address: string, time: number): boolean {
    return this.#budget.take(address, time);
  }

  complain(address: string): string {
    return `Names below wildcards are over their budget of ${this.#perHour} emissions an hour, ` +
      `or ${address} over its share: what is not kept counts as unlisted for now. ` +
      "If that is no attack, list exact names, or raise wildcards_per_hour under [budget]";
  }
}
