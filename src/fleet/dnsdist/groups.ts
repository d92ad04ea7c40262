/** Rules that say the same, together: dnsdist has one pool and one cache for each such group. */

import type { LabelSet, Rule, RuleTable, Upstream } from "../../policy/mod.ts";

/** Rules that differ in nothing but their names. */
export interface Group {
  /** From 1, in the order in which the policy has them. */
  readonly number: number;
  /** One of them. */
  readonly rule: Rule;
  /** What the labels of its wildcards may be; undefined: anything, or they are exact. */
  readonly labels: LabelSet | undefined;
  /** How many rules there are. */
  count: number;
}

/** Which group each rule is in. */
export class Groups {
  readonly #all = new Map<string, Group>();
  readonly #texts = new Map<Rule["types"], string>();
  readonly #upstreams: readonly Upstream[];

  constructor(rules: RuleTable, upstreams: readonly Upstream[]) {
    this.#upstreams = upstreams;
    for (const rule of rules.all()) this.#add(rule);
  }

  /** All of them, in the order of the policy's rules. */
  get all(): readonly Group[] {
    return [...this.#all.values()];
  }

  /** The group of one of the rules. */
  of(rule: Rule): Group {
    return this.#all.get(this.#keyOf(rule))!;
  }

  #add(rule: Rule): void {
    const key = this.#keyOf(rule);
    const group = this.#all.get(key);
    if (group !== undefined) group.count++;
    else {
      const labels = rule.labels?.automaton === undefined ? undefined : rule.labels;
      this.#all.set(key, { number: this.#all.size + 1, rule, labels, count: 1 });
    }
  }

  #keyOf(rule: Rule): string {
    const { pattern, upstreams, minTtl, allowsPrivate, within, labels, expires } = rule;
    return [
      pattern.reach === "exact" ? "exact" : "wildcard",
      this.#typesOf(rule),
      upstreams.map((one) => this.#upstreams.indexOf(one)).join(),
      minTtl,
      allowsPrivate,
      within?.subnets.map(({ text }) => text).join(),
      pattern.reach === "exact" ? "" : labels?.text,
      expires,
    ].join(";");
  }

  /** The rules of a file share one set, however many they are. */
  #typesOf({ types }: Rule): string {
    let text = this.#texts.get(types);
    if (text === undefined) {
      text = [...types].sort((a, b) => a - b).join();
      this.#texts.set(types, text);
    }
    return text;
  }
}
