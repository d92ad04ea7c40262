/**
 * Forward mode: what clients go on asking for is refreshed before any of them has to wait.
 *
 * When an answer is there, its refresh is planned for the end of its life. It leaves if a client has asked by then; if
 * none has, it lapses, and the answer with it. Its moment follows from the last start, the answer and a random number
 * that is drawn whether anyone asks or not; so clients say yes or no to it, and nothing else.
 */

import type { Clock } from "../system/mod.ts";
import { spreadOf, type Upkeep } from "./kept.ts";
import type { Cancel } from "./outcome.ts";
import type { Slot } from "./slot.ts";
import type { Order, Ticks } from "./ticks.ts";
import { STALE_WAIT } from "./waiting.ts";

/** Over how long the refreshes of an answer are spread at most, in ms. */
const LONGEST_SPREAD = 1000;

/**
 * An answer lives its life to the end: it is asked for again no sooner than without a refresh. From there it lasts until
 * the latest refresh is there, or a client would be told something stale.
 */
export const AHEAD: Upkeep = {
  ageOf: (life) => life,
  leadOf: (life) => spreadOf(life, LONGEST_SPREAD) + STALE_WAIT,
};

/** A refresh that is to come. */
interface Plan {
  readonly ticks: Ticks;
  readonly order: Order;
  /** From when on the answer is to be refreshed, and when this will be; in ms of the monotonic clock. */
  readonly refresh: number;
  readonly time: number;
  readonly cancel: Cancel;
}

/** The refreshes that are planned, one for a slot at most. */
export class Ahead {
  readonly #plans = new Map<Slot, Plan>();

  constructor(readonly clock: Clock) {}

  /** After a reload: of what is planned that stays which these slots still have reason for, and the rest is theirs anew. */
  keep(slots: readonly Slot[]): void {
    const left = new Set(this.#plans.keys());
    for (const slot of slots) {
      left.delete(slot);
      const plan = this.#plans.get(slot);
      if (plan === undefined || plan.refresh !== slot.kept?.refresh) this.plan(slot);
      else if (!isInPlace(plan, slot)) this.#put(slot, plan.refresh, plan.time);
    }
    for (const slot of left) this.#drop(slot);
  }

  /** Plans the refresh of what a slot's last emission has brought. Where it failed, it is for clients to ask. */
  plan(slot: Slot): void {
    this.#drop(slot);
    const { kept, random } = slot;
    if (kept === undefined || slot.isBusy || kept.asked < slot.started) return;
    if (this.clock.monotonic() >= kept.freshUntil) return;
    const jitter = random.below(1 + Math.floor(spreadOf(kept.life, LONGEST_SPREAD)));
    this.#put(slot, kept.refresh, kept.refresh + jitter);
  }

  #put(slot: Slot, refresh: number, time: number): void {
    this.#drop(slot);
    const { order, parts: { ticks } } = slot;
    const cancel = ticks.at(time, order, () => this.#decide(slot));
    this.#plans.set(slot, { ticks, order, refresh, time, cancel });
  }

  /** Nobody waits for a refresh, so it does not stand in the way of those for whom somebody does. */
  #decide(slot: Slot): void {
    this.#plans.delete(slot);
    const { rule: { expires }, parts: { gate } } = slot;
    const hasExpired = expires !== undefined && this.clock.now() >= expires;
    if (slot.isWanted && !gate.isBusy && !hasExpired) slot.startHere();
    else slot.lapse();
  }

  #drop(slot: Slot): void {
    this.#plans.get(slot)?.cancel();
    this.#plans.delete(slot);
  }
}

/** Whether a plan is still on the slot's ticks, and among those of one tick where the slot is. */
function isInPlace({ ticks, order }: Plan, slot: Slot): boolean {
  return ticks === slot.parts.ticks && order.place === slot.order.place;
}
