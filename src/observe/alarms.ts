/** Alarms: a line for each attempt, after a while in which it shows how large it is; and not many in an hour. */

import type { Clock } from "../system/mod.ts";
import type { Attempt } from "./blocked/attempt.ts";
import type { AlarmEvent, AlarmSum } from "./event.ts";

/** How long to look at an attempt before it is told, in ms. */
const GATHER = 20_000;

/**
 * The most lines in an hour, about single domains and about what is spread over many; all further ones are summed up in
 * one. The latter have their own, because whoever spreads names over many domains uses up the former first.
 */
export const ALARMS_PER_HOUR: { readonly single: number; readonly spread: number } = {
  single: 20,
  spread: 4,
};

const HOUR = 3_600_000;

/** Tells of attempts. */
export class Alarms {
  /** How many there have been. */
  count = 0;
  #left = { ...ALARMS_PER_HOUR };
  #more = 0;
  #moreBytes = 0;
  #largest: AlarmEvent | undefined;
  #isHourRunning = false;
  readonly #pending: Attempt[] = [];

  constructor(readonly clock: Clock, readonly report: (event: AlarmEvent | AlarmSum) => void) {}

  /** Takes an attempt that is due. Where lines are left, it is told after a while; where not, it is summed up. */
  expect(attempt: Attempt, now: number): void {
    this.count++;
    this.#startHour();
    const kind = attempt.domain === undefined ? "spread" : "single";
    if (this.#left[kind] === 0) return this.#sumUp(attempt.tell(now));
    this.#left[kind]--;
    attempt.expectAlarm();
    this.#pending.push(attempt);
    this.clock.setTimer(GATHER, () => {
      // All wait for the same time, so it is the first one, unless all have been told.
      const first = this.#pending.shift();
      if (first !== undefined) this.report(first.tell(this.clock.monotonic()));
    });
  }

  /** Tells at once of all that wait for their time. */
  flush(): void {
    const now = this.clock.monotonic();
    for (const attempt of this.#pending.splice(0)) this.report(attempt.tell(now));
    this.#tellMore();
  }

  #sumUp(alarm: AlarmEvent): void {
    this.#more++;
    this.#moreBytes += alarm.bytes;
    if (this.#largest === undefined || alarm.bytes > this.#largest.bytes) this.#largest = alarm;
  }

  /** From the first alarm on, so that a quiet program has no timer for it. */
  #startHour(): void {
    if (this.#isHourRunning) return;
    this.#isHourRunning = true;
    this.clock.setTimer(HOUR, () => {
      this.#isHourRunning = false;
      this.#left = { ...ALARMS_PER_HOUR };
      this.#tellMore();
    });
  }

  #tellMore(): void {
    if (this.#largest === undefined) return;
    this.report({
      event: "alarm",
      more: this.#more,
      bytes: this.#moreBytes,
      largest: this.#largest,
    });
    this.#more = this.#moreBytes = 0;
    this.#largest = undefined;
  }
}
