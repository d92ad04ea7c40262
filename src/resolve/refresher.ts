/**
 * Hermetic mode: fw-dns keeps every pair resolved by itself, and clients cause nothing.
 *
 * When a pair is asked for follows from the policy, the clock, random numbers of our own and the upstreams' answers:
 * one after the other at the start, then ahead of each answer's end, and after failures at growing intervals.
 */

import type { Observer } from "../observe/event.ts";
import { LONGEST_WAIT } from "../policy/mod.ts";
import type { Clock } from "../system/mod.ts";
import { spreadOf, type Upkeep } from "./kept.ts";
import type { Slot } from "./slot.ts";

/** Over how long the refreshes of an answer are spread at most, in ms. */
const LONGEST_SPREAD = 60_000;

/** What a round of tries and its way through the gate may take, in ms. */
const ROUND_TIME = LONGEST_WAIT + 500;

/** How much longer than its life an answer has to last until its refresh is there; both in ms. */
export function leadOf(life: number): number {
  return spreadOf(life, LONGEST_SPREAD) + ROUND_TIME;
}

/** Refreshes come ahead of the end: nobody waits for them, so they have all the time that a round may take. */
export const KEPT_FRESH: Upkeep = { ageOf: (life) => life - leadOf(life), leadOf };

/** Keeps slots resolved. */
export class Refresher {
  readonly #untried = new Set<Slot>();
  #answered = 0;
  #begun = 0;
  #pairs = 0;

  constructor(readonly clock: Clock, readonly observer: Observer) {}

  /** From now on these slots are kept: those not asked for yet come one after the other, as their gate lets them. */
  keep(slots: readonly Slot[]): void {
    this.#begun = this.clock.monotonic();
    this.#answered = 0;
    this.#untried.clear();
    for (const slot of slots) if (slot.started === -Infinity) this.#untried.add(slot);
    this.#pairs = this.#untried.size;
    for (const slot of slots) {
      if (this.#untried.has(slot)) slot.start(this.#begun);
      else if (!slot.isBusy) this.plan(slot, slot.kept?.refresh ?? this.#begun);
    }
  }

  /** How many slots are still to be asked for. */
  get untried(): number {
    return this.#untried.size;
  }

  /** A slot has been asked for, with success or without. Tells once when all have been. */
  noteRound(slot: Slot): void {
    if (!this.#untried.delete(slot)) return;
    if (slot.kept !== undefined) this.#answered++;
    if (this.#untried.size > 0) return;
    const ms = Math.round(this.clock.monotonic() - this.#begun);
    this.observer.report({ event: "ready", pairs: this.#pairs, answered: this.#answered, ms });
  }

  /** An emission of a slot has ended: plans the next one. */
  plan(slot: Slot, earliest: number): void {
    const { rule: { minTtl, expires }, kept } = slot;
    if (expires !== undefined && this.clock.now() >= expires) {
      this.noteRound(slot);
      // It is looked at again, because the clock of the day may be set back.
      return slot.start(earliest + minTtl);
    }
    const life = kept?.life ?? minTtl;
    const jitter = slot.random.below(1 + Math.floor(spreadOf(life, LONGEST_SPREAD)));
    slot.start(Math.max(earliest, slot.started + minTtl) + jitter);
  }
}
