/** Names that clients make up: those below wildcards, and those that are learned. Each kind has places and caps of its own. */

import type { Observer } from "../observe/event.ts";
import { isLearnRule, type Policy, type Rule } from "../policy/mod.ts";
import type { Question } from "../wire/mod.ts";
import { WildcardAllowance } from "./allowance.ts";
import { LearnAllowance } from "./learned.ts";
import type { Resolution } from "./resolution.ts";
import type { Slot, SlotParts } from "./slot.ts";
import { AFTER_TABLE } from "./table.ts";
import type { Ways } from "./ways.ts";
import { type WildcardParts, Wildcards } from "./wildcards.ts";

/** What they work with. */
export interface MadeUpParts {
  readonly onDemand: SlotParts;
  readonly ways: Pick<Ways, "gates" | "places">;
  readonly observer: Observer;
}

/** The slots of all such names. */
export class MadeUpNames {
  readonly #wildcardAllowance: WildcardAllowance;
  readonly #wildcards: Wildcards;
  readonly #learnAllowance = new LearnAllowance();
  /** None until there is a policy that learns. */
  #learned: Wildcards | undefined;

  constructor({ budget, learn }: Policy, parts: MadeUpParts) {
    this.#wildcardAllowance = new WildcardAllowance(budget.wildcardsPerHour);
    this.#wildcards = new Wildcards(this.#wildcardParts(parts));
    this.#learnAllowance.limit(learn);
    if (learn !== undefined) this.#learned = new Wildcards(this.#learnedParts(parts));
  }

  /** Every slot there is. */
  get slots(): readonly Slot[] {
    return [...this.#learned?.slots ?? [], ...this.#wildcards.slots];
  }

  /** Answers a question that one of their rules allows, from what is kept, or asks where its cap lets it. */
  resolve(
    question: Question,
    rule: Rule,
    client: string,
    now: number,
  ): Resolution | Promise<Resolution> {
    const theirs = isLearnRule(rule) ? this.#learned! : this.#wildcards;
    return theirs.resolve(question, rule, client, now);
  }

  /** After a reload: of the `former` slots those of which the policy has no such rule are dropped. */
  reload(policy: Policy, parts: MadeUpParts, former: readonly Slot[]): void {
    this.#wildcardAllowance.limit(policy.budget.wildcardsPerHour);
    this.#learnAllowance.limit(policy.learn);
    const left = this.#wildcards.reload(policy, this.#wildcardParts(parts), former);
    const learnedParts = this.#learnedParts(parts);
    if (policy.learn !== undefined) this.#learned ??= new Wildcards(learnedParts);
    const gone = this.#learned?.reload(policy, learnedParts, left) ?? left;
    for (const slot of gone) slot.drop();
  }

  #wildcardParts({ onDemand, ways, observer }: MadeUpParts): WildcardParts {
    return {
      ...onDemand,
      gate: ways.gates.wildcards,
      observer,
      allowance: this.#wildcardAllowance,
      isTheirs: (rule) => rule.pattern.reach !== "exact" && !isLearnRule(rule),
      mostUnderWay: ways.places.wildcards,
      place: AFTER_TABLE,
    };
  }

  #learnedParts({ onDemand, ways, observer }: MadeUpParts): WildcardParts {
    return {
      ...onDemand,
      gate: ways.gates.learned,
      observer,
      allowance: this.#learnAllowance,
      isTheirs: isLearnRule,
      mostUnderWay: ways.places.learned,
      place: AFTER_TABLE + 1,
    };
  }
}
