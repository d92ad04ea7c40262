/**
 * The place of one name and type: what is known of it, and when it may be asked for.
 *
 * An emission is one question that leaves, and all that follows from it: tries, other upstreams, TCP and, when all of
 * that has failed, further rounds. A client can at most say when an emission starts, once in a floor. What follows is
 * settled by the policy, the upstreams' answers and random numbers of our own; whether clients ask again, how many and
 * how often, changes nothing of it (RFC 9520).
 */

import { LONGEST_WAIT, type Policy, type Rule } from "../policy/mod.ts";
import type { Clock, Random } from "../system/mod.ts";
import type { Question } from "../wire/mod.ts";
import type { Gate } from "./gate.ts";
import { keep, type Kept } from "./kept.ts";
import type { Lane } from "./lane.ts";
import { type Answered, type Failed, NO_ANSWER, OVERLOAD, type Resolution } from "./resolution.ts";
import type { Order, Ticks } from "./ticks.ts";
import { Waiting } from "./waiting.ts";

/** How long a client waits for a fresh answer where a stale one is at hand, in ms (RFC 8767 5). */
export const STALE_WAIT = 1800;

/** How long a client waits where there is no answer at hand, in ms: what is left is for its reply. */
const ANSWER_WAIT = LONGEST_WAIT - 100;

/** The pause after the first round that failed, and the longest, in ms: each is twice the one before. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1000, 30_000];

/** What all slots of one kind share. */
export interface SlotParts {
  readonly clock: Clock;
  readonly ticks: Ticks;
  readonly lane: Lane;
  readonly gate: Gate;
  readonly cache: Policy["cache"];
  /** How many clients may wait for one slot. */
  readonly mostWaiting: number;
  /** How long before its end an answer with this life (ms) is refreshed, in ms. */
  readonly leadOf: (life: number) => number;
  /** Called when a round has ended, with an answer or without. */
  readonly onRound: (slot: Slot) => void;
  /** Called when an emission has ended; the next one should not start before `earliest` (ms of the monotonic clock). */
  readonly onEnd: (slot: Slot, earliest: number) => void;
}

/** One name and type. */
export class Slot {
  #kept: Kept | undefined;
  /**
   * `idle`: nothing is under way. `due`: an emission is to start, on a tick or when the gate opens. `asking`: a round
   * is under way. `paused`: the next round of this emission is still to come.
   */
  #state: "idle" | "due" | "asking" | "paused" = "idle";
  #started = -Infinity;
  /** When the last round started. */
  #asked = -Infinity;
  /** When the emission that is due starts, but for the gate, in ms of the monotonic clock. */
  #dueAt = Infinity;
  /** Whether clients have waited in vain for the round that is under way. */
  #isLate = false;
  /** Rounds that have failed since the last answer. */
  #failures = 0;
  /** How often the pause has been doubled. */
  #doublings = 0;
  #waiting: Waiting | undefined;

  constructor(
    readonly question: Question,
    readonly rule: Rule,
    readonly order: Order,
    /** Its own: what it draws does not hang on when others were answered. */
    readonly random: Random,
    readonly parts: SlotParts,
  ) {}

  /** What it holds now; undefined: nothing was ever answered. */
  get kept(): Kept | undefined {
    return this.#kept;
  }

  /** When the last emission started, in ms of the monotonic clock; before all time where none has. */
  get started(): number {
    return this.#started;
  }

  /** The answer, where it is fresh. */
  get fresh(): Answered | undefined {
    const kept = this.#kept;
    return kept !== undefined && this.parts.clock.monotonic() < kept.freshUntil
      ? kept.fresh
      : undefined;
  }

  /** The answer, where it is no longer fresh but better than none. */
  get stale(): Answered | undefined {
    const kept = this.#kept;
    return kept !== undefined && this.parts.clock.monotonic() < kept.staleUntil
      ? kept.stale
      : undefined;
  }

  /** Whether an emission may be started: none is under way, and a floor has passed since the last one started. */
  get canStart(): boolean {
    return this.#state === "idle" &&
      this.parts.clock.monotonic() >= this.#started + this.rule.minTtl;
  }

  /** Starts an emission on the first tick from `time` on (ms of the monotonic clock), as the gate lets it. */
  start(time: number): void {
    if (this.#state !== "idle") return;
    this.#state = "due";
    this.#dueAt = Math.max(time, this.#started + this.rule.minTtl);
    this.parts.ticks.at(this.#dueAt, this.order, () => this.#enter(() => this.#emit()));
  }

  /** What a client gets that has found nothing fresh: what is under way, or the best there is. */
  wait(): Resolution | Promise<Resolution> {
    const { clock, gate, mostWaiting } = this.parts;
    const best = this.stale;
    // Once a round has failed, or is late, there is no telling when an answer comes.
    const isDoubtful = this.#failures > 0 || this.#isLate;
    if (!this.#isUnderWay || (best !== undefined && isDoubtful)) return best ?? NO_ANSWER;
    if (this.#state === "due" && gate.isFull) return best ?? OVERLOAD;
    const time = best === undefined ? ANSWER_WAIT : STALE_WAIT;
    this.#waiting ??= new Waiting(clock, time, () => this.#giveUp());
    if (this.#waiting.clients >= mostWaiting) return best ?? OVERLOAD;
    this.#waiting.clients++;
    return this.#waiting.promise;
  }

  /** Whether an answer can come any moment. */
  get #isUnderWay(): boolean {
    return this.#state === "asking" ||
      (this.#state === "due" && this.#dueAt <= this.parts.ticks.next);
  }

  #giveUp(): void {
    this.#isLate = true;
    this.#answer(this.stale ?? NO_ANSWER);
  }

  /** Tells all who wait. */
  #answer(resolution: Resolution): void {
    this.#waiting?.answer(resolution);
    this.#waiting = undefined;
  }

  #enter(leave: () => void): void {
    const { gate } = this.parts;
    if (this.#hasExpired) return this.#stop();
    if (gate.isFull) this.#answer(this.stale ?? OVERLOAD);
    gate.enter(() => {
      if (!this.#hasExpired) return leave();
      gate.done();
      this.#stop();
    }, this.order);
  }

  /** From then on the rule is none: nothing of it leaves, or takes the turn of another. */
  get #hasExpired(): boolean {
    const { expires } = this.rule;
    return expires !== undefined && this.parts.clock.now() >= expires;
  }

  #stop(): void {
    this.#answer(NO_ANSWER);
    this.#end(this.parts.ticks.time);
  }

  #emit(): void {
    this.#started = this.parts.ticks.time;
    // A client who asks anew wants to know in seconds when the network is back; the refresher has time.
    if (this.rule.mode === "forward") this.#doublings = 0;
    this.#ask();
  }

  #ask(): void {
    this.#state = "asking";
    this.#asked = this.parts.ticks.time;
    this.#isLate = false;
    const { lane } = this.parts;
    lane.ask(this.question, this.rule.upstreams, this.order, (outcome) => this.#take(outcome));
  }

  #take(outcome: Answered | Failed): void {
    const { clock, cache, gate, leadOf, onRound } = this.parts;
    gate.done();
    if (outcome.kind === "failure") {
      this.#pause();
    } else {
      const { type } = this.question;
      const now = clock.monotonic();
      this.#kept = keep(outcome, type, this.rule, cache, leadOf, this.#asked, now);
      this.#failures = 0;
      this.#doublings = 0;
      this.#answer(this.#kept.fresh);
      this.#end(this.#kept.refresh);
    }
    onRound(this);
  }

  /** After a round that failed: the next one, if it still belongs to this emission. */
  #pause(): void {
    const { ticks } = this.parts;
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#doublings, LONGEST_PAUSE);
    const next = ticks.time + pause + this.random.below(pause >> 2);
    this.#failures++;
    this.#doublings++;
    this.#answer(this.stale ?? NO_ANSWER);
    if (next >= this.#started + this.rule.minTtl) return this.#end(next);
    this.#state = "paused";
    ticks.at(next, this.order, () => this.#enter(() => this.#ask()));
  }

  #end(earliest: number): void {
    this.#state = "idle";
    this.parts.onEnd(this, earliest);
  }
}
