/** The fixed table: a slot for each name and type of the exact rules. */

import type { Rule, RuleTable } from "../policy/mod.ts";
import { type Question, WireName } from "../wire/mod.ts";
import { Slot, type SlotParts } from "./slot.ts";
import type { Order } from "./ticks.ts";

/** More than any rule has types, and more than any rule's number: places of a table are below the square of both. */
const [TYPES, RULES] = [2 ** 16, 2 ** 32];

/** The first place after every table. */
export const AFTER_TABLE: number = 2 * RULES * TYPES;

/**
 * All slots of a policy's exact rules. Which there can be is settled by the policy, and so is all that may be seen of
 * them: their order and their random numbers. A slot of a hermetic rule is there from the start; one of a forward rule
 * is made when it is first asked for, because most of a million names never are. Nothing that a client does takes one
 * away or empties one.
 */
export class Table {
  readonly #slots = new Map<Rule, Slot[]>();
  /** The hermetic ones first, in the policy's order. */
  readonly #all = new Set<Slot>();

  /**
   * `partsOf` says what the slots of a rule work with. `former` slots, of the policy before, are taken over where their
   * name and type are listed; of two for the same, the later one.
   */
  constructor(
    rules: RuleTable,
    readonly partsOf: (rule: Rule) => SlotParts,
    former: readonly Slot[] = [],
  ) {
    const known = new Map<Rule, Map<number, Slot>>();
    const wire = new WireName();
    for (const slot of former) {
      const { name, type } = slot.question;
      const rule = rules.findExact(wire.readText(name));
      if (rule?.types.has(type) !== true) continue;
      const slots = known.get(rule);
      if (slots === undefined) known.set(rule, new Map([[type, slot]]));
      else slots.set(type, slot);
    }
    for (const rule of hermeticRules(rules)) {
      for (const type of rule.types) this.#add(rule, type, known.get(rule)?.get(type));
    }
    for (const [rule, slots] of known) {
      if (rule.mode !== "forward") continue;
      for (const [type, slot] of slots) this.#add(rule, type, slot);
    }
  }

  /** The hermetic ones first, in the policy's order. */
  get slots(): readonly Slot[] {
    return [...this.#all];
  }

  /** The same, not copied. */
  get all(): Iterable<Slot> {
    return this.#all;
  }

  /** Whether a slot is one of these. */
  has(slot: Slot): boolean {
    return this.#all.has(slot);
  }

  /** The slot of a question that a rule of the policy allows; none for a wildcard's. */
  find({ type }: Pick<Question, "type">, rule: Rule): Slot | undefined {
    const slots = this.#slots.get(rule);
    if (slots !== undefined) {
      for (const slot of slots) if (slot.question.type === type) return slot;
    }
    const isListed = rule.pattern.reach === "exact" && rule.types.has(type);
    return isListed ? this.#add(rule, type) : undefined;
  }

  #add(rule: Rule, type: number, known?: Slot): Slot {
    const parts = this.partsOf(rule);
    const order = orderOf(rule, type);
    const question = questionOf(rule, type);
    const slot = known ??
      new Slot(question, rule, order, parts.lane.random.fork(keyOf(question)), parts);
    if (slot.rule !== rule) slot.move(rule, order, parts);
    this.#all.add(slot);
    const slots = this.#slots.get(rule);
    if (slots === undefined) this.#slots.set(rule, [slot]);
    else slots.push(slot);
    return slot;
  }
}

/** The exact ones, in the policy's order. */
function* hermeticRules(rules: RuleTable): Generator<Rule> {
  const isOne = ({ mode, pattern }: Rule): boolean =>
    mode === "hermetic" && pattern.reach === "exact";
  yield* rules.rules.filter(isOne);
  for (const list of rules.lists) {
    if (list.template.mode !== "hermetic") continue;
    for (const name of rules.namesOf(list, new WireName())) yield rules.ruleOf(name);
  }
}

/** Those of hermetic rules leave first, then by the rule's number and the type's place in it. */
function orderOf({ mode, number, types }: Rule, type: number): Order {
  const place = number * TYPES + [...types].indexOf(type);
  return { place: mode === "hermetic" ? place : RULES * TYPES + place, key: "" };
}

function questionOf({ pattern: { base } }: Rule, type: number): Question {
  return { name: base, type };
}

function keyOf({ name, type }: Question): string {
  return `${name} ${type}`;
}
