/** Keeps what is counted, in memory that does not grow however many queries, names or clients there are. */

import type { Clock, Random } from "../system/mod.ts";
import { Alarms } from "./alarms.ts";
import { Blocked, type RegistrableDomain } from "./blocked/blocked.ts";
import { CoarseTime } from "./coarse_time.ts";
import { Counters } from "./counters.ts";
import {
  type AlarmEvent,
  type AlarmSum,
  isAnswered,
  type QueryEvent,
  type QuestionSeen,
  type Reason,
  type Verdict,
} from "./event.ts";
import { History } from "./history.ts";
import { Recent } from "./recent.ts";
import type { Snapshot, Statistics } from "./stats.ts";

/** How many blocked domains a snapshot has. */
const SHOWN = 100;

/** The reasons for which a name is not let through, its type and its client aside. */
const BLOCKED: ReadonlySet<Reason> = new Set(["expired", "budget", "malformed"]);

/** What it needs. */
export interface StatisticsParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Where alarms go. */
  readonly report: (event: AlarmEvent | AlarmSum) => void;
}

/** Statistics that are being kept. */
export class KeptStatistics implements Statistics {
  readonly #counters = new Counters();
  readonly #recent = new Recent();
  readonly #time: CoarseTime;
  readonly #history: History;
  readonly #alarms: Alarms;
  readonly #blocked: Blocked;
  readonly #started: number;

  constructor({ clock, random, report }: StatisticsParts) {
    this.#started = clock.now();
    this.#alarms = new Alarms(clock, report);
    this.#time = new CoarseTime(clock, () => this.#endSecond());
    this.#history = new History(clock, () => this.#counters.responses);
    this.#blocked = new Blocked(
      random.fork("statistics"),
      this.#time,
      (attempt, now) => this.#alarms.expect(attempt, now),
    );
  }

  /** Begins the history. */
  begin(): void {
    this.#history.begin();
  }

  /** Ends it, and tells of alarms that wait. */
  stop(): void {
    this.#history.stop();
    this.#alarms.flush();
  }

  /** How names are grouped, from now on. */
  groupBy(registrable: RegistrableDomain): void {
    this.#blocked.groupBy(registrable);
  }

  /** Counts a query; whether its event is to be kept, too. The arguments are those of `Observer.wantsQuery`. */
  count(
    verdict: Verdict,
    reason: Reason,
    client: string,
    question: QuestionSeen | undefined,
    ms: number | undefined,
  ): boolean {
    this.#counters.count(verdict, reason, question?.type, ms);
    if (question !== undefined && isOnNoRule(verdict, reason)) {
      this.#time.touch();
      this.#blocked.count(client, question);
    }
    return this.#recent.wants(verdict);
  }

  /** Keeps the event of the query that was counted last. */
  keep(query: QueryEvent): void {
    this.#time.touch();
    this.#recent.keep(this.#time.clock.now(), query);
    const { name, type, reason } = query;
    if (name === undefined || type === undefined) return;
    if (isOnNoRule(query.verdict, reason)) this.#blocked.keepExample(name, type);
  }

  snapshot(): Snapshot {
    return {
      started: this.#started,
      now: this.#time.clock.now(),
      queries: this.#counters.queries,
      responses: this.#counters.responses,
      durations: this.#counters.durations,
      blocked: this.#blocked.largest(SHOWN),
      blockedBytes: this.#blocked.bytes,
      alarms: this.#alarms.count,
      decisions: this.#recent.decisions,
      history: this.#history.points,
    };
  }

  #endSecond(): boolean {
    this.#recent.refill();
    return this.#blocked.endSecond();
  }
}

/** Whether what was asked for is on no rule: what is learned meanwhile carries data out as what is tried does. */
function isOnNoRule(verdict: Verdict, reason: Reason): boolean {
  return reason === "unlisted" || BLOCKED.has(reason) && !isAnswered(verdict);
}
