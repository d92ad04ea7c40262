/** An observer that counts all and logs some. */

import type { Event, Observer, QuestionSeen, Reason, Verdict } from "./event.ts";
import type { Log } from "./log.ts";
import type { KeptStatistics } from "./statistics.ts";

/** Statistics and a log, as one. */
export class Watch implements Observer {
  /** Who wants the query that was asked about last. */
  #isKept = false;
  #isLogged = false;

  constructor(readonly log: Log, readonly statistics: KeptStatistics) {}

  wantsQuery(
    verdict: Verdict,
    reason: Reason,
    client: string,
    question: QuestionSeen | undefined,
    ms: number | undefined,
  ): boolean {
    this.#isKept = this.statistics.count(verdict, reason, client, question, ms);
    this.#isLogged = this.log.wantsQuery(verdict, reason);
    return this.#isKept || this.#isLogged;
  }

  report(event: Event): void {
    if (event.event !== "query") return this.log.report(event);
    if (this.#isKept) this.statistics.keep(event);
    if (this.#isLogged) this.log.report(event);
  }
}
