/**
 * A question to the upstreams, in order, until one answers.
 *
 * Tries are staggered: each gets its time, then the next one starts, but an answer to an earlier one still counts.
 * An upstream that says it has no answer is not asked again; when all have said so, that is the outcome. Every try
 * leaves on a tick.
 */

import { LONGEST_WAIT, type Upstream } from "../policy/mod.ts";
import type { Question } from "../wire/mod.ts";
import type { Exchange } from "./exchange.ts";
import type { Health } from "./health.ts";
import type { Cancel, Outcome } from "./outcome.ts";
import { type Answered, type Failed, NO_ANSWER } from "./resolution.ts";
import type { Order, Ticks } from "./ticks.ts";

/** What failover needs. */
export interface FailoverParts {
  readonly exchange: Exchange;
  readonly health: Health;
  readonly ticks: Ticks;
  /** Of one try, in ms. */
  readonly timeout: number;
  readonly tries: number;
}

/**
 * Asks, in a round of tries, and calls `done` once, after `roundTime` at the latest. To be called on a tick; `order`
 * is for what has to follow on later ones. What it returns calls the round off.
 */
export type Ask = (
  question: Question,
  upstreams: readonly Upstream[],
  order: Order,
  done: (outcome: Answered | Failed) => void,
) => Cancel;

/** Kept free at the end, in ms, so that even a late timer leaves the reply its time. */
const TIME_TO_REPLY = 100;

/** A question waits for its tick, and its end for one and then another: see `Ticks.afterSilence`. */
const TICKS_WAITED = 3;

/** How long a round may take, in ms; with `tick`, the ticks around it and the reply, no client waits too long. */
export function roundTime(timeout: number, tries: number, tick: number): number {
  return Math.min(timeout * tries, LONGEST_WAIT - TIME_TO_REPLY - TICKS_WAITED * tick);
}

/** Makes what asks. */
export function createFailover(parts: FailoverParts): Ask {
  return (question, upstreams, order, done) => {
    const attempt = new Attempt(question, upstreams, order, parts, done);
    attempt.start();
    return () => attempt.cancel();
  };
}

class Attempt {
  readonly #upstreams: readonly Upstream[];
  /** Those that said that they have no answer. */
  readonly #hasFailed = new Set<Upstream>();
  /** Those that nothing could be sent to since the last timer: they may be back at the next. */
  readonly #isUnreachable = new Set<Upstream>();
  readonly #cancels: Cancel[] = [];
  #tries = 0;
  #next = 0;
  #stopTryTimer: Cancel = () => {};
  #isOver = false;

  constructor(
    readonly question: Question,
    upstreams: readonly Upstream[],
    readonly order: Order,
    readonly parts: FailoverParts,
    readonly done: (outcome: Answered | Failed) => void,
  ) {
    this.#upstreams = parts.health.order(upstreams);
  }

  start(): void {
    const { ticks, timeout, tries } = this.parts;
    const time = roundTime(timeout, tries, ticks.length);
    this.#cancels.push(ticks.afterSilence(time, this.order, () => this.#fail()));
    this.#try();
  }

  /** Ends it; no outcome follows. */
  cancel(): void {
    this.#isOver = true;
    this.#stopTryTimer();
    for (const cancel of this.#cancels) cancel();
  }

  #try(): void {
    if (this.#tries === this.parts.tries) return;
    const upstream = this.#pick();
    if (upstream === undefined) return;
    this.#tries++;
    const number = this.#tries;
    this.#stopTryTimer();
    this.#stopTryTimer = this.parts.ticks.afterSilence(this.parts.timeout, this.order, () => {
      // What could not be sent has been judged when that was known.
      const isSilent = !this.#hasFailed.has(upstream) && !this.#isUnreachable.has(upstream);
      if (isSilent) this.parts.health.suspect(upstream);
      this.#isUnreachable.clear();
      this.#try();
    });
    this.#cancels.push(
      this.parts.exchange(
        this.question,
        upstream,
        this.order,
        (outcome) => this.#take(outcome, upstream, number),
      ),
    );
  }

  /** The next upstream in turn that may have an answer; none for now, where the timer is to be waited for. */
  #pick(): Upstream | undefined {
    for (let i = 0; i < this.#upstreams.length; i++) {
      const upstream = this.#upstreams[this.#next++ % this.#upstreams.length]!;
      if (!this.#hasFailed.has(upstream) && !this.#isUnreachable.has(upstream)) return upstream;
    }
    return undefined;
  }

  #take(outcome: Outcome, upstream: Upstream, number: number): void {
    if (this.#isOver) return;
    switch (outcome.kind) {
      case "answer":
        this.parts.health.noteReply(upstream);
        return this.#finish({
          kind: "answer",
          answer: outcome.answer,
          upstream,
          since: this.parts.ticks.clock.monotonic(),
          turns: 0,
        });
      case "failure":
        this.parts.health.noteReply(upstream);
        this.#hasFailed.add(upstream);
        if (this.#upstreams.every((one) => this.#hasFailed.has(one))) return this.#fail();
        break;
      case "unreachable":
        if (!outcome.isOurs) this.parts.health.suspect(upstream);
        this.#isUnreachable.add(upstream);
    }
    this.#trySoon(number);
  }

  /** Not at once: when an outcome is read depends on how busy clients keep this process. */
  #trySoon(number: number): void {
    const retry = (): void => {
      if (number === this.#tries) this.#try();
    };
    this.#cancels.push(this.parts.ticks.soon(this.order, retry));
  }

  #fail(): void {
    this.#finish(NO_ANSWER);
  }

  #finish(outcome: Answered | Failed): void {
    if (this.#isOver) return;
    this.cancel();
    this.done(outcome);
  }
}
