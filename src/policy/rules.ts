/** The rules of a policy, laid out so that a look-up does not depend on how many there are. */

import { parentName } from "../wire/mod.ts";
import type { Rule } from "./rule.ts";
import type { NamePattern } from "./name_pattern.ts";

/** Whether what stands in a name for the stars of a rule is what the rule lets stand there. */
function hasItsLabels({ labels, pattern }: Rule, name: string): boolean {
  if (labels === undefined) return true;
  const own = name.slice(0, -1 - pattern.base.length);
  return own.split(".").every((label) => labels.matches(label));
}

/** All rules, found by name. */
export class RuleTable {
  readonly #exact = new Map<string, Rule>();
  readonly #one = new Map<string, Rule>();
  readonly #many = new Map<string, Rule>();
  readonly #ancestors = new Set<string>();

  /** `rules` hold each pattern once; the parser sees to that. */
  constructor(readonly rules: readonly Rule[]) {
    for (const rule of rules) {
      this.#mapOf(rule.pattern).set(rule.pattern.base, rule);
      this.#addAncestors(rule.pattern);
    }
  }

  /**
   * The rules that match a name (a wildcard also in its labels), the most specific first: the exact one, then `*.`, then
   * `**.` from the longest
   * to the shortest. Stops at the first for which `accept` says yes, and returns it.
   */
  find(name: string, accept: (rule: Rule) => boolean): Rule | undefined {
    const exact = this.#exact.get(name);
    if (exact !== undefined && accept(exact)) return exact;
    let ancestor = parentName(name);
    const one = ancestor === undefined ? undefined : this.#one.get(ancestor);
    if (one !== undefined && hasItsLabels(one, name) && accept(one)) return one;
    while (ancestor !== undefined) {
      const many = this.#many.get(ancestor);
      if (many !== undefined && hasItsLabels(many, name) && accept(many)) return many;
      ancestor = parentName(ancestor);
    }
    return undefined;
  }

  /** Whether a listed name lies below this one, so that it must not be said not to exist (RFC 8020 2). */
  isAncestor(name: string): boolean {
    return this.#ancestors.has(name);
  }

  #mapOf(pattern: NamePattern): Map<string, Rule> {
    switch (pattern.reach) {
      case "exact":
        return this.#exact;
      case "one":
        return this.#one;
      case "many":
        return this.#many;
    }
  }

  #addAncestors({ reach, base }: NamePattern): void {
    let name = reach === "exact" ? parentName(base) : base;
    while (name !== undefined && !this.#ancestors.has(name)) {
      this.#ancestors.add(name);
      name = parentName(name);
    }
  }
}
