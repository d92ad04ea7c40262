/**
 * What goes upstream for one name and type: one question that leaves, and all that follows from it, which is tries,
 * other upstreams, TCP and, when all of that has failed, further rounds.
 *
 * A client can at most say when an emission starts, or whether one does that is planned, once in a floor. What follows
 * is settled by the policy, the upstreams' answers and random numbers of our own; whether clients ask again, how many
 * and how often, changes nothing of it (RFC 9520).
 */

import { LONGEST_WAIT } from "../policy/mod.ts";
import { Backoff } from "./backoff.ts";
import type { EmissionOwner } from "./emission_owner.ts";
import type { Cancel } from "./outcome.ts";
import type { Answered, Failed } from "./resolution.ts";
import { FIRST } from "./ticks.ts";

/** One for all: a function for each emission would be memory for each name that is known. */
const nothing = (): void => {};

/** The emissions of one name and type, of which at most one is under way. */
export class Emission {
  /**
   * `idle`: nothing is under way. `due`: a round is to start, on a tick or when the gate opens. `asking`: a round is
   * under way. `paused`: the next round of this emission is still to come.
   */
  #state: "idle" | "due" | "asking" | "paused" = "idle";
  #started = -Infinity;
  /** When the last round started. */
  #asked = -Infinity;
  /** When the next round starts, but for the gate, in ms of the monotonic clock, and how. */
  #nextAt = Infinity;
  #leave: () => void = nothing;
  /** Of the rounds that have failed since the last answer, where any has. */
  #backoff: Backoff | undefined;
  /** Whether clients have waited in vain for the round that is under way. */
  #isLate = false;
  /** Calls off what is to come: the task on a tick, the place in line, or the round that is under way. */
  #callOff: Cancel = nothing;

  constructor(readonly owner: EmissionOwner) {}

  /** When the last one started, in ms of the monotonic clock; before all time where none has. */
  get started(): number {
    return this.#started;
  }

  /** Whether one is under way, or planned. */
  get isBusy(): boolean {
    return this.#state !== "idle";
  }

  /** Whether one may be started: none is under way, and a floor has passed since the last one started. */
  get canStart(): boolean {
    return this.#state === "idle" && this.#now >= this.#floorEnds;
  }

  /** Whether an answer can come any moment. */
  get isUnderWay(): boolean {
    return this.#state === "asking" ||
      (this.#state === "due" && this.#nextAt <= this.owner.parts.ticks.next);
  }

  /** Whether it has still to pass the gate. */
  get isDue(): boolean {
    return this.#state === "due";
  }

  /** Whether there is no telling when an answer comes: a round has failed, or is late. */
  get isDoubtful(): boolean {
    return this.#backoff !== undefined || this.#isLate;
  }

  /** Clients have waited in vain for the round that is under way. */
  noteLate(): void {
    this.#isLate = true;
  }

  /** Starts one on the first tick from `time` on (ms of the monotonic clock), as the floor and the gate let it. */
  start(time: number): void {
    if (this.#state !== "idle") return;
    this.#plan("due", Math.max(time, this.#floorEnds), () => this.#begin());
  }

  /** Starts one on the tick that is running, if a floor has passed and none is under way. */
  startHere(): void {
    const { time } = this.owner.parts.ticks;
    if (this.#state !== "idle" || time < this.#floorEnds) return;
    this.#state = "due";
    this.#nextAt = time;
    this.#leave = () => this.#begin();
    this.#enter();
  }

  /** After a change of its owner's ways: what is to come leaves by the new ones; a round under way is asked anew. */
  move(): void {
    if (this.#state === "idle") return;
    this.#callOff();
    if (this.#state !== "asking") return this.#plan(this.#state, this.#nextAt, this.#leave);
    this.#plan("due", this.owner.parts.ticks.next, () => this.#ask());
  }

  /** Nothing is under way any more, or planned. */
  rest(): void {
    this.#callOff();
    this.#settle();
  }

  get #now(): number {
    return this.owner.parts.ticks.clock.monotonic();
  }

  get #floorEnds(): number {
    return this.#started + this.owner.rule.minTtl;
  }

  #plan(state: "due" | "paused", time: number, leave: () => void): void {
    this.#state = state;
    this.#nextAt = time;
    this.#leave = leave;
    const { parts: { ticks }, order } = this.owner;
    this.#callOff = ticks.at(time, order, () => this.#enter());
  }

  #enter(): void {
    const { parts: { gate }, order } = this.owner;
    if (this.#hasExpired) return this.#stop();
    if (gate.isFull) this.owner.onFull();
    let leaveLine: Cancel = nothing;
    this.#callOff = () => leaveLine();
    leaveLine = gate.enter(() => {
      if (!this.#hasExpired) return this.#leave();
      gate.done();
      this.#stop();
    }, order);
  }

  /** From then on the rule is none: nothing of it leaves, or takes the turn of another. */
  get #hasExpired(): boolean {
    const { rule: { expires }, parts: { ticks } } = this.owner;
    return expires !== undefined && ticks.clock.now() >= expires;
  }

  #stop(): void {
    this.owner.onExpired();
    this.#end(this.owner.parts.ticks.time);
  }

  #begin(): void {
    this.#started = this.owner.parts.ticks.time;
    this.owner.onBegin();
    // A client who asks anew wants to know in seconds when the network is back; the refresher has time.
    if (this.owner.rule.mode === "forward") this.#backoff?.shorten();
    this.#ask();
  }

  #ask(): void {
    const { question, rule, order, parts: { lane, gate, ticks } } = this.owner;
    this.#state = "asking";
    this.#asked = ticks.time;
    this.#isLate = false;
    let cancel: Cancel = nothing;
    const endWithRule = this.#endWithRule();
    this.#callOff = () => {
      endWithRule();
      cancel();
      gate.done();
    };
    cancel = lane.ask(question, rule.upstreams, order, (outcome) => {
      endWithRule();
      gate.done();
      this.#take(outcome);
    });
  }

  /** Calls the round off at the moment at which its rule expires, where that may come before its end. */
  #endWithRule(): Cancel {
    const { rule: { expires }, parts: { ticks } } = this.owner;
    if (expires === undefined) return nothing;
    const left = expires - ticks.clock.now();
    if (left > LONGEST_WAIT) return nothing;
    return ticks.at(ticks.time + left, FIRST, () => {
      this.#callOff();
      this.#stop();
    });
  }

  #take(outcome: Answered | Failed): void {
    if (outcome.kind === "failure") {
      this.#pause();
    } else {
      this.#backoff = undefined;
      this.#end(this.owner.onAnswer(outcome, this.#asked));
    }
    this.owner.onRound();
  }

  /** After a round that failed: the next one, if it still belongs to this emission. */
  #pause(): void {
    const { parts: { ticks }, random } = this.owner;
    this.#backoff ??= new Backoff();
    const next = ticks.time + this.#backoff.fail(random);
    this.owner.onFailure();
    if (next >= this.#floorEnds) return this.#end(next);
    this.#plan("paused", next, () => this.#ask());
  }

  #end(earliest: number): void {
    this.#settle();
    this.owner.onEnd(earliest);
  }

  /** Most of all emissions are idle most of the time: then they hold nothing. */
  #settle(): void {
    this.#state = "idle";
    this.#leave = this.#callOff = nothing;
  }
}
