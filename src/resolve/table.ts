/** The fixed table: a slot for each name and type of the exact rules, laid out when the policy loads. */

import type { Rule } from "../policy/mod.ts";
import type { Question } from "../wire/mod.ts";
import { Slot, type SlotParts } from "./slot.ts";

/** All slots of a policy's exact rules. Nothing that a client does adds one, takes one away or empties one. */
export class Table {
  readonly #slots = new Map<Rule, ReadonlyMap<number, Slot>>();
  /** In the order in which they leave, where they leave on the same tick. */
  readonly #inOrder = new Set<Slot>();

  /**
   * `partsOf` says what the slots of a rule work with. Hermetic ones come first in each tick. `former` slots, of the
   * policy before, are taken over where their name and type are listed; of two for the same, the later one.
   */
  constructor(
    rules: readonly Rule[],
    partsOf: (rule: Rule) => SlotParts,
    former: readonly Slot[] = [],
  ) {
    const known = new Map(former.map((slot) => [keyOf(slot.question), slot]));
    const exact = rules.filter(({ pattern }) => pattern.reach === "exact");
    for (const mode of ["hermetic", "forward"]) {
      for (const rule of exact.filter((one) => one.mode === mode)) {
        this.#add(rule, partsOf(rule), known);
      }
    }
  }

  /** In the order in which they leave, where they leave on the same tick. */
  get slots(): readonly Slot[] {
    return [...this.#inOrder];
  }

  /** How many there are. */
  get size(): number {
    return this.#inOrder.size;
  }

  /** Whether a slot is one of these. */
  has(slot: Slot): boolean {
    return this.#inOrder.has(slot);
  }

  /** The slot of a question that a rule allows; none for a wildcard's. */
  find({ type }: Question, rule: Rule): Slot | undefined {
    return this.#slots.get(rule)?.get(type);
  }

  #add(rule: Rule, parts: SlotParts, known: ReadonlyMap<string, Slot>): void {
    const slots = [...rule.types].map((type): [number, Slot] => {
      const question = { name: rule.pattern.base, type };
      const order = { place: this.#inOrder.size, key: "" };
      const slot = known.get(keyOf(question)) ??
        new Slot(question, rule, order, parts.lane.random.fork(), parts);
      if (slot.rule !== rule) slot.move(rule, order, parts);
      this.#inOrder.add(slot);
      return [type, slot];
    });
    this.#slots.set(rule, new Map(slots));
  }
}

function keyOf({ name, type }: Question): string {
  return `${name} ${type}`;
}
