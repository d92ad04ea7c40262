/** The fixed table: a slot for each name and type of the exact rules, laid out when the policy loads. */

import type { Rule } from "../policy/mod.ts";
import type { Question } from "../wire/mod.ts";
import { Slot, type SlotParts } from "./slot.ts";

/** All slots of a policy's exact rules. Nothing that a client does adds one, takes one away or empties one. */
export class Table {
  readonly #slots = new Map<Rule, ReadonlyMap<number, Slot>>();
  readonly #inOrder: Slot[] = [];

  /** `partsOf` says what the slots of a rule work with. Hermetic ones come first in each tick. */
  constructor(rules: readonly Rule[], partsOf: (rule: Rule) => SlotParts) {
    const exact = rules.filter(({ pattern }) => pattern.reach === "exact");
    for (const mode of ["hermetic", "forward"]) {
      for (const rule of exact.filter((one) => one.mode === mode)) this.#add(rule, partsOf(rule));
    }
  }

  /** In the order in which they leave, where they leave on the same tick. */
  get slots(): readonly Slot[] {
    return this.#inOrder;
  }

  /** The slot of a question that a rule allows; none for a wildcard's. */
  find({ type }: Question, rule: Rule): Slot | undefined {
    return this.#slots.get(rule)?.get(type);
  }

  #add(rule: Rule, parts: SlotParts): void {
    const slots = [...rule.types].map((type) => {
      const question = { name: rule.pattern.base, type };
      const order = { place: this.#inOrder.length, key: "" };
      const slot = new Slot(question, rule, order, parts.lane.random.fork(), parts);
      this.#inOrder.push(slot);
      return slot;
    });
    this.#slots.set(rule, new Map(slots.map((slot) => [slot.question.type, slot])));
  }
}
