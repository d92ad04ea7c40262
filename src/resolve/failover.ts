/**
 * A question to the upstreams, in order, until one answers.
 *
 * Tries are staggered: each gets its time, then the next one starts, but an answer to an earlier one still counts.
 * An upstream that says it has no answer is not asked again; when all have said so, that is the outcome.
 */

import { LONGEST_WAIT, type Upstream } from "../policy/mod.ts";
import type { Clock } from "../system/mod.ts";
import type { Question } from "../wire/mod.ts";
import type { Exchange } from "./exchange.ts";
import type { Health } from "./health.ts";
import type { Cancel, Outcome } from "./outcome.ts";
import type { Resolution, Resolve } from "./resolution.ts";

/** What failover needs. */
export interface FailoverParts {
  readonly exchange: Exchange;
  readonly health: Health;
  readonly clock: Clock;
  /** Of one try, in ms. */
  readonly timeout: number;
  readonly tries: number;
}

/** Kept free at the end, in ms, so that even a late timer leaves the reply its time. */
const TIME_TO_REPLY = 100;

/** The layer that asks. */
export function createFailover(parts: FailoverParts): Resolve {
  return (question, rule) =>
    new Promise((resolve) => new Attempt(question, rule.upstreams, parts, resolve).start());
}

class Attempt {
  readonly #order: readonly Upstream[];
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
    readonly parts: FailoverParts,
    readonly resolve: (resolution: Resolution) => void,
  ) {
    this.#order = parts.health.order(upstreams);
  }

  start(): void {
    const { clock, timeout, tries } = this.parts;
    const wait = Math.min(timeout * tries, LONGEST_WAIT - TIME_TO_REPLY);
    this.#cancels.push(clock.setTimer(wait, () => this.#fail()));
    this.#try();
  }

  #try(): void {
    if (this.#tries === this.parts.tries) return;
    const upstream = this.#pick();
    if (upstream === undefined) return;
    this.#tries++;
    const number = this.#tries;
    this.#stopTryTimer();
    this.#stopTryTimer = this.parts.clock.setTimer(this.parts.timeout, () => {
      if (!this.#hasFailed.has(upstream)) this.parts.health.suspect(upstream);
      this.#isUnreachable.clear();
      this.#try();
    });
    this.#cancels.push(
      this.parts.exchange(
        this.question,
        upstream,
        (outcome) => this.#take(outcome, upstream, number),
      ),
    );
  }

  /** The next upstream in turn that may have an answer; none for now, where the timer is to be waited for. */
  #pick(): Upstream | undefined {
    for (let i = 0; i < this.#order.length; i++) {
      const upstream = this.#order[this.#next++ % this.#order.length]!;
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
          upstream: upstream.name,
          since: this.parts.clock.monotonic(),
          turns: 0,
        });
      case "failure":
        this.parts.health.noteReply(upstream);
        this.#hasFailed.add(upstream);
        if (this.#order.every((one) => this.#hasFailed.has(one))) return this.#fail();
        break;
      case "unreachable":
        if (!outcome.isOurs) this.parts.health.suspect(upstream);
        this.#isUnreachable.add(upstream);
    }
    if (number === this.#tries) this.#try();
  }

  #fail(): void {
    this.#finish({ kind: "failure", reason: "upstream" });
  }

  #finish(resolution: Resolution): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTryTimer();
    for (const cancel of this.#cancels) cancel();
    this.resolve(resolution);
  }
}
