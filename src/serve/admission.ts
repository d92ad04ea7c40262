/**
 * With `--resolved-only`: an answer's addresses are let through the packet filter before a client hears of them.
 *
 * A layer around resolving, so that without it nothing is different. What is not admitted is not told.
 */

import {
  AdmitClient,
  type AdmitRequest,
  canLeave,
  Complaints,
  LIMIT,
  MOST_SECONDS,
  type Trouble,
} from "../admit/mod.ts";
import type { Observer } from "../observe/event.ts";
import { addressText, LONGEST_WAIT, type Rule } from "../policy/mod.ts";
import { type Answered, NO_ANSWER, type Resolution, type Resolve } from "../resolve/mod.ts";
import { sleep, type System } from "../system/mod.ts";
import { addressesIn, type Answer } from "../wire/mod.ts";
import { Shares } from "./shares.ts";
import { explainShare, explainTrouble } from "./trouble.ts";

/**
 * How long the helper's word is taken for the same answer, in ms. Then it is asked again: somebody may have loaded
 * the ruleset anew, and emptied the sets.
 */
const TRUSTED = 60_000;

/** How much longer than its TTL an answer is admitted for, in s: it is told for `TRUSTED`, and then used. */
const GRACE = 2 * TRUSTED / 1000;

/** Sees to it that what is answered is admitted. */
export class Admission {
  /** Until when each answer is known to be admitted, in ms of the monotonic clock. */
  #admitted = new WeakMap<Answer, number>();
  readonly #underWay = new Map<Answer, Promise<boolean>>();
  readonly #shares = new Shares();
  readonly #client: AdmitClient;
  readonly #complaints: Complaints;

  constructor(readonly system: Pick<System, "clock" | "unix">, observer: Observer) {
    this.#client = new AdmitClient({
      ...system,
      onOpen: () => this.#admitted = new WeakMap(),
    });
    this.#complaints = new Complaints(
      system.clock,
      (message) => observer.report({ event: "warning", message }),
    );
  }

  /** Looks whether the helper is there, and warns where it is not. */
  async begin(): Promise<void> {
    if (!await this.#client.connect()) this.#warn("gone");
  }

  /** Hangs up. */
  close(): void {
    this.#client.close();
  }

  /**
   * Resolving, where an answer counts only once its addresses are admitted: for its TTL, and for `stale` (ms), in
   * which it may be told again. What could not be admitted is no answer.
   */
  admitting(resolve: Resolve, stale: () => number): Resolve {
    return (question, rule, client, now) => {
      const { type } = question;
      const resolution = resolve(question, rule, client, now);
      if (!(resolution instanceof Promise)) return this.#pass(resolution, type, rule, stale());
      const end = now + LONGEST_WAIT;
      return resolution.then((late) => this.#endBy(end, this.#pass(late, type, rule, stale())));
    };
  }

  /** A client that has waited for the upstream as well gives up at `end` (ms of the monotonic clock). */
  #endBy(end: number, passed: Resolution | Promise<Resolution>): Resolution | Promise<Resolution> {
    const { clock } = this.system;
    const left = end - clock.monotonic();
    if (!(passed instanceof Promise) || left > LIMIT) return passed;
    return Promise.race([passed, sleep(clock, left).then(() => NO_ANSWER)]);
  }

  #pass(
    resolution: Resolution,
    type: number,
    rule: Rule,
    stale: number,
  ): Resolution | Promise<Resolution> {
    if (resolution.kind !== "answer") return resolution;
    const until = this.#admitted.get(resolution.answer);
    if (until !== undefined && this.system.clock.monotonic() < until) return resolution;
    return this.#admit(resolution, rule, this.#requests(resolution, type, stale));
  }

  #admit(
    resolution: Answered,
    rule: Rule,
    requests: readonly AdmitRequest[],
  ): Resolution | Promise<Resolution> {
    const { answer } = resolution;
    if (requests.length === 0) {
      this.#admitted.set(answer, Infinity);
      return resolution;
    }
    if (!this.#shares.hasRoom(rule, requests, this.system.clock.monotonic())) {
      this.#complaints.about("share", explainShare(rule));
      return NO_ANSWER;
    }
    let underWay = this.#underWay.get(answer);
    if (underWay === undefined) {
      underWay = this.#ask(answer, rule, requests);
      this.#underWay.set(answer, underWay);
    }
    return underWay.then((isAdmitted) => isAdmitted ? resolution : NO_ANSWER);
  }

  async #ask(
    answer: Answer,
    rule: Rule,
    requests: readonly AdmitRequest[],
  ): Promise<boolean> {
    const now = this.system.clock.monotonic();
    const trouble = await this.#client.ask(requests);
    this.#underWay.delete(answer);
    if (trouble === undefined) {
      this.#admitted.set(answer, now + TRUSTED);
      this.#shares.note(rule, requests, now);
    } else this.#warn(trouble);
    return trouble === undefined;
  }

  /** What is to be admitted. A loopback address, for one, needs no leave: it never goes out. */
  #requests({ answer, since }: Answered, type: number, stale: number): AdmitRequest[] {
    const now = this.system.clock.monotonic();
    const left = Math.max(0, answer.ttl - Math.floor((now - (since ?? now)) / 1000));
    const seconds = Math.min(left + Math.ceil(stale / 1000) + GRACE, MOST_SECONDS);
    return addressesIn(type, answer)
      .map(addressText)
      .filter(canLeave)
      .map((address) => ({ address, seconds }));
  }

  #warn(trouble: Trouble): void {
    this.#complaints.about(trouble, explainTrouble(trouble, this.#client.failure));
  }
}
