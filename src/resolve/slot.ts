/** The place of one name and type: what is known of it, who waits for it, and its emissions. */

import { judgesAlike, type Policy, type Rule } from "../policy/mod.ts";
import type { Clock, Random } from "../system/mod.ts";
import type { Question } from "../wire/mod.ts";
import { Emission } from "./emission.ts";
import type { EmissionOwner } from "./emission_owner.ts";
import type { Gate } from "./gate.ts";
import { keep, keepsAlike, type Kept, lapsed, staleOf, type Upkeep } from "./kept.ts";
import { hasSameUpstreams, type Lane } from "./lane.ts";
import { type Answered, comesFrom, NO_ANSWER, OVERLOAD, type Resolution } from "./resolution.ts";
import type { Order, Ticks } from "./ticks.ts";
import { ANSWER_WAIT, STALE_WAIT, Waiting } from "./waiting.ts";

/** What all slots of one kind share. */
export interface SlotParts {
  readonly clock: Clock;
  readonly ticks: Ticks;
  readonly lane: Lane;
  readonly gate: Gate;
  readonly cache: Policy["cache"];
  /** How many clients may wait for one slot. */
  readonly mostWaiting: number;
  readonly upkeep: Upkeep;
  /** Called when a round has ended, with an answer or without. */
  readonly onRound: (slot: Slot) => void;
  /** Called when an emission has ended; the next one should not start before `earliest` (ms of the monotonic clock). */
  readonly onEnd: (slot: Slot, earliest: number) => void;
}

/** One name and type. */
export class Slot implements EmissionOwner {
  #kept: Kept | undefined;
  #waiting: Waiting | undefined;
  readonly #emission: Emission;
  #rule: Rule;
  #order: Order;
  #parts: SlotParts;
  /** Whether a client has asked for it since its last emission started: not how many, or when. */
  isWanted = false;

  constructor(
    readonly question: Question,
    rule: Rule,
    order: Order,
    /** Its own: what it draws does not hang on when others were answered. */
    readonly random: Random,
    parts: SlotParts,
  ) {
    this.#rule = rule;
    this.#order = order;
    this.#parts = parts;
    this.#emission = new Emission(this);
  }

  /** The rule that lists it. */
  get rule(): Rule {
    return this.#rule;
  }

  /** Where it stands among those of a tick. */
  get order(): Order {
    return this.#order;
  }

  /** What it works with. */
  get parts(): SlotParts {
    return this.#parts;
  }

  /** What it holds now; undefined: nothing was ever answered. */
  get kept(): Kept | undefined {
    return this.#kept;
  }

  /** When the last emission started, in ms of the monotonic clock; before all time where none has. */
  get started(): number {
    return this.#emission.started;
  }

  /** Whether an emission is under way, or planned. */
  get isBusy(): boolean {
    return this.#emission.isBusy;
  }

  /** Whether an emission may be started: none is under way, and a floor has passed since the last one started. */
  get canStart(): boolean {
    return this.#emission.canStart;
  }

  /** The answer, where it is fresh; `now` is in ms of the monotonic clock. */
  freshAt(now: number): Answered | undefined {
    const kept = this.#kept;
    return kept !== undefined && now < kept.freshUntil ? kept.fresh : undefined;
  }

  /** The answer, where it is no longer fresh but better than none. */
  get stale(): Answered | undefined {
    const kept = this.#kept;
    return kept !== undefined && this.parts.clock.monotonic() < kept.staleUntil
      ? staleOf(kept)
      : undefined;
  }

  /** Starts an emission on the first tick from `time` on (ms of the monotonic clock), as the gate lets it. */
  start(time: number): void {
    this.#emission.start(time);
  }

  /** Starts an emission on the tick that is running, if it may. */
  startHere(): void {
    this.#emission.startHere();
  }

  /** No refresh comes: from now on its answer is no longer fresh. */
  lapse(): void {
    if (this.#kept !== undefined) this.#kept = lapsed(this.#kept);
  }

  /**
   * Puts it under a rule of another policy. What it holds is judged by that rule, and its floor goes on. A round that
   * is under way goes on where its ways and upstreams are still the rule's; where not, it is asked anew as a part of
   * the same emission, and those who wait go on waiting.
   */
  move(rule: Rule, order: Order, parts: SlotParts): void {
    const asksTheSame = hasSameUpstreams(rule, this.#rule);
    const isSameWay = asksTheSame && parts.lane === this.#parts.lane &&
      parts.gate === this.#parts.gate;
    const isPlanned = rule.mode === "hermetic" || this.#rule.mode === "hermetic";
    const isJudged = asksTheSame && judgesAlike(rule, this.#rule) && keepsAlike(parts, this.#parts);
    this.#rule = rule;
    this.#order = order;
    this.#parts = parts;
    if (!isJudged) this.#judgeAgain();
    if (isPlanned && this.#emission.isDue) this.#leavePlan();
    else if (!isSameWay) this.#emission.move();
  }

  /** What a plan has put there is planned anew where there is still a plan, or else waits for a client to ask. */
  #leavePlan(): void {
    this.#emission.rest();
    const isAsked = this.#waiting !== undefined && this.rule.mode === "forward";
    if (isAsked) this.start(this.parts.clock.monotonic());
  }

  /** Ends whatever is under way: its name is no longer listed. */
  drop(): void {
    this.#emission.rest();
    this.#answer(NO_ANSWER);
  }

  /** What a client gets that has found nothing fresh: what is under way, or the best there is. */
  wait(): Resolution | Promise<Resolution> {
    const { clock, gate, mostWaiting } = this.parts;
    const { isUnderWay, isDoubtful, isDue } = this.#emission;
    const best = this.stale;
    if (!isUnderWay || (best !== undefined && isDoubtful)) return best ?? NO_ANSWER;
    if (isDue && gate.isFull) return best ?? OVERLOAD;
    const time = best === undefined ? ANSWER_WAIT : STALE_WAIT;
    this.#waiting ??= new Waiting(clock, time, () => this.#giveUp(time));
    if (this.#waiting.clients >= mostWaiting) return best ?? OVERLOAD;
    this.#waiting.clients++;
    return this.#waiting.promise;
  }

  onBegin(): void {
    this.isWanted = false;
  }

  onFull(): void {
    this.#answer(this.stale ?? OVERLOAD);
  }

  onAnswer(answered: Answered, asked: number): number {
    this.#kept = this.#judge(answered, asked, this.parts.clock.monotonic());
    this.#answer(this.#kept.fresh);
    return this.#kept.refresh;
  }

  onFailure(): void {
    this.#answer(this.stale ?? NO_ANSWER);
  }

  onExpired(): void {
    this.#answer(NO_ANSWER);
  }

  onRound(): void {
    this.parts.onRound(this);
  }

  onEnd(earliest: number): void {
    this.parts.onEnd(this, earliest);
  }

  /** After so long (ms). A stale answer that is too old by now is none: then they wait as if there had never been one. */
  #giveUp(waited: number): void {
    this.#emission.noteLate();
    const { stale } = this;
    if (stale !== undefined || waited === ANSWER_WAIT) return this.#answer(stale ?? NO_ANSWER);
    this.#waiting?.goOn(ANSWER_WAIT - waited, () => this.#giveUp(ANSWER_WAIT));
  }

  /** Tells all who wait. */
  #answer(resolution: Resolution): void {
    this.#waiting?.answer(resolution);
    this.#waiting = undefined;
  }

  /** An answer that does not come from one of the rule's upstreams is none of its. */
  #judgeAgain(): void {
    if (this.#kept === undefined) return;
    const { answered, asked, came } = this.#kept;
    this.#kept = comesFrom(answered, this.rule) ? this.#judge(answered, asked, came) : undefined;
  }

  #judge(answered: Answered, asked: number, came: number): Kept {
    return keep(answered, this.question.type, this.rule, this.parts, asked, came);
  }
}
