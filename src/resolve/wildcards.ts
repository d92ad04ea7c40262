/**
 * Names below wildcards, and those that are learned: clients make them up, so what is kept of them is bounded, and what
 * leaves for them is counted.
 */

import { LRUCache } from "lru-cache";
import type { Observer } from "../observe/event.ts";
import { decide, type Policy, type Rule } from "../policy/mod.ts";
import { type Question, WireName } from "../wire/mod.ts";
import type { Allowance } from "./allowance.ts";
import { keptSize } from "./kept.ts";
import { OVER_BUDGET, OVERLOAD, type Resolution } from "./resolution.ts";
import { Slot, type SlotParts } from "./slot.ts";
import { holderOf, Starts } from "./starts.ts";
import type { Order } from "./ticks.ts";

/** The most names and types that are kept. */
export const MOST_KEPT = 10_000;

/** The most memory that they take, in bytes. */
export const MOST_BYTES = 32 * 1024 * 1024;

/** What a slot takes that holds no answer, but for its names, in bytes; rather too much. */
const EMPTY_BYTES = 768;

/** How often it is told that the budget is used up, in ms. */
const TELL_EVERY = 600_000;

/** What it needs. */
export interface WildcardParts extends Omit<SlotParts, "onRound" | "onEnd"> {
  readonly observer: Observer;
  readonly allowance: Allowance;
  /** Whether a rule is one of those whose names these are. */
  readonly isTheirs: (rule: Rule) => boolean;
  /** How many emissions may be under way. */
  readonly mostUnderWay: number;
  /** A place after the table. */
  readonly place: number;
}

/** The slots of names that clients make up, by some kind of rule. */
export class Wildcards {
  readonly #slots = newCache();
  /** Those with an emission, kept or not. */
  readonly #starts: Starts;
  #parts: WildcardParts;
  #slotParts: SlotParts;
  #toldAt = -Infinity;

  constructor(parts: WildcardParts) {
    this.#starts = new Starts(parts.mostUnderWay);
    this.#parts = parts;
    this.#slotParts = this.#partsOfSlots();
  }

  /** Every slot there is, the one that was used last at the end. */
  get slots(): readonly Slot[] {
    const kept = [...this.#slots.rvalues()].filter((slot) => slot !== undefined);
    return [...new Set([...this.#starts.slots, ...kept])];
  }

  /** Answers from what is kept, or asks where the budget lets it. */
  resolve(
    question: Question,
    rule: Rule,
    client: string,
    now: number,
  ): Resolution | Promise<Resolution> {
    const { ticks, allowance } = this.#parts;
    const key = keyOf(question, rule);
    const slot = this.#slots.get(key);
    const fresh = slot?.freshAt(now);
    if (fresh !== undefined) return fresh;
    if (slot !== undefined && !slot.canStart) return slot.wait();
    const holder = holderOf(client, rule);
    if (!this.#starts.hasRoom(holder)) return slot?.stale ?? OVERLOAD;
    if (!allowance.take(question, client, ticks.next)) {
      this.#tell(client);
      return slot?.stale ?? OVER_BUDGET;
    }
    return this.#start(slot ?? this.#add(key, question, rule), holder);
  }

  /** After a reload: of the `former` slots those stay whose question one of their rules allows; the others are returned. */
  reload(policy: Policy, parts: WildcardParts, former: readonly Slot[]): Slot[] {
    this.#parts = parts;
    this.#slotParts = this.#partsOfSlots();
    const moved = new Set<Slot>();
    const left: Slot[] = [];
    const wire = new WireName();
    const now = parts.clock.now();
    for (const slot of former) {
      const { name, type } = slot.question;
      const decision = decide(policy, { wire: wire.readText(name), type }, now);
      if (decision.kind !== "allow" || !parts.isTheirs(decision.rule)) {
        left.push(slot);
        continue;
      }
      moved.add(slot);
      this.#move(slot, decision.rule);
    }
    for (const [key, slot] of [...this.#slots.entries()]) {
      if (!moved.has(slot)) this.#slots.delete(key);
    }
    this.#starts.keep(parts.mostUnderWay, (slot) => moved.has(slot));
    return left;
  }

  /** Puts a slot under a rule; what is as before in the cache stays there as it is. */
  #move(slot: Slot, rule: Rule): void {
    const { order, kept } = slot;
    const key = keyOf(slot.question, rule);
    slot.move(rule, this.#orderOf(key), this.#slotParts);
    if (key === order.key && kept === slot.kept && this.#slots.peek(key) === slot) return;
    if (this.#slots.peek(order.key) === slot) this.#slots.delete(order.key);
    this.#keep(slot);
  }

  #partsOfSlots(): SlotParts {
    return {
      ...this.#parts,
      onRound: (slot) => this.#resize(slot),
      onEnd: (slot) => this.#starts.end(slot),
    };
  }

  #orderOf(key: string): Order {
    return { place: this.#parts.place, key };
  }

  #add(key: string, { name, type }: Question, rule: Rule): Slot {
    const question = { name, type };
    const { random } = this.#parts.lane;
    const slot = new Slot(question, rule, this.#orderOf(key), random, this.#slotParts);
    this.#keep(slot);
    return slot;
  }

  #start(slot: Slot, holder: string): Resolution | Promise<Resolution> {
    this.#starts.note(slot, holder);
    slot.start(this.#parts.clock.monotonic());
    return slot.wait();
  }

  /** Accounts for the answer that a slot has got, if it still has its place. */
  #resize(slot: Slot): void {
    const { key } = slot.order;
    if (slot.kept === undefined || this.#slots.peek(key) !== slot) return;
    // The library leaves the size as it is where the value is the same.
    this.#slots.delete(key);
    this.#keep(slot);
  }

  #keep(slot: Slot): void {
    const { question: { name }, order: { key }, kept } = slot;
    const size = EMPTY_BYTES + name.length + key.length +
      (kept === undefined ? 0 : keptSize(kept));
    this.#slots.set(key, slot, { size });
  }

  #tell(client: string): void {
    const now = this.#parts.clock.monotonic();
    if (now < this.#toldAt + TELL_EVERY) return;
    this.#toldAt = now;
    const { allowance, observer } = this.#parts;
    observer.report({ event: "warning", message: allowance.complain(client) });
  }
}

function newCache(): LRUCache<string, Slot> {
  return new LRUCache({ max: MOST_KEPT, maxSize: MOST_BYTES });
}

/** One name for one question by way of one rule: after a rule has expired, its answers are nobody's. */
function keyOf({ name, type }: Question, rule: Rule): string {
  return `${name} ${type} ${rule.name}`;
}
