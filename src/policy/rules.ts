/** The rules of a policy, laid out so that a look-up does not depend on how many there are. */

import { MAX_NAME_BYTES, WireName } from "../wire/mod.ts";
import { ListLines } from "./list_lines.ts";
import { NameIndex } from "./name_index.ts";
import type { AddedList, ListCounts, ListedName, NameList } from "./name_list.ts";
import { formatPattern, type NamePattern, type Reach } from "./name_pattern.ts";
import { NameTexts } from "./name_texts.ts";
import { hasItsLabels, isLive, type Rule } from "./rule.ts";

/** All rules, found by name. Of names in files there is no object until one is asked for. */
export class RuleTable {
  /** Whether two rules that were written one by one have the same name: an error in a policy. */
  readonly hasTwins: boolean;
  readonly #texts = new NameTexts();
  readonly #exact = new NameIndex(this.#texts);
  readonly #one = new NameIndex(this.#texts);
  readonly #many = new NameIndex(this.#texts);
  /** What lies above a name or a wildcard's base; of those, the place in the texts where each begins. */
  readonly #ancestors: NameIndex | undefined;
  /** By their place: those that were written one by one, and those of lists that were asked for. */
  readonly #rules = new Map<number, Rule>();
  readonly #lists: AddedList[] = [];

  /** `rules` are those written one by one. `knowsAncestors`: whether {@linkcode isAncestor} will be asked. */
  constructor(readonly rules: readonly Rule[], knowsAncestors = false) {
    this.#ancestors = knowsAncestors ? new NameIndex(this.#texts) : undefined;
    this.hasTwins = this.#addWritten();
  }

  /** The files of names. */
  get lists(): readonly AddedList[] {
    return this.#lists;
  }

  /** How many rules there are, each name of a file being one. */
  get size(): number {
    const listed = this.#lists.map(({ counts }) => counts.exact + counts.wildcards);
    return listed.reduce((sum, count) => sum + count, this.rules.length);
  }

  /**
   * The rule for a name at a time (ms since 1970). The most specific of those in force decides: the exact one, then
   * `*.`, then `**.` from the longest to the shortest; a wildcard matches also in its labels.
   */
  find(name: WireName, now: number): Rule | undefined {
    const exact = this.findExact(name);
    if (exact !== undefined && isLive(exact, now)) return exact;
    if (this.#one.size > 0 && name.labels > 0) {
      const one = this.#ruleAt(this.#one.find(name, 1), "one");
      if (one !== undefined && isLive(one, now) && hasItsLabels(one, name, 1)) return one;
    }
    if (this.#many.size === 0) return undefined;
    for (let label = 1; label < name.labels; label++) {
      const many = this.#ruleAt(this.#many.find(name, label), "many");
      if (many !== undefined && isLive(many, now) && hasItsLabels(many, name, label)) return many;
    }
    return undefined;
  }

  /** The rule that has exactly this name, in force or not. */
  findExact(name: WireName): Rule | undefined {
    return this.#ruleAt(this.#exact.find(name, 0), "exact");
  }

  /**
   * The most specific rule in force at a time (ms since 1970) that matches all names of another one, which has this
   * reach and base. What the labels of that may be does not matter here, unless it is exact.
   */
  findWider(reach: Reach, base: WireName, now: number): Rule | undefined {
    const isWider = (rule: Rule | undefined, label: number): boolean =>
      rule !== undefined && isLive(rule, now) &&
      (reach !== "exact" || hasItsLabels(rule, base, label));
    if (reach === "exact" && this.#one.size > 0) {
      const one = this.#ruleAt(this.#one.find(base, 1), "one");
      if (isWider(one, 1)) return one;
    }
    if (this.#many.size === 0) return undefined;
    for (let label = reach === "one" ? 0 : 1; label < base.labels; label++) {
      const many = this.#ruleAt(this.#many.find(base, label), "many");
      if (isWider(many, label)) return many;
    }
    return undefined;
  }

  /** The rule with this pattern, in force or not. */
  findPattern({ reach, base }: NamePattern): Rule | undefined {
    return this.#ruleAt(this.#indexOf(reach).find(patternBase.readText(base), 0), reach);
  }

  /**
   * The wildcards in force at a time (ms since 1970) that match names of a wildcard with this reach and base, as far as
   * the labels in front of the base let them; the most specific first.
   */
  *findWildcards(reach: Exclude<Reach, "exact">, base: WireName, now: number): Generator<Rule> {
    if (reach === "one") {
      const one = this.#ruleAt(this.#one.find(base, 0), "one");
      if (one !== undefined && isLive(one, now)) yield one;
    }
    for (let label = 0; label < base.labels; label++) {
      const many = this.#ruleAt(this.#many.find(base, label), "many");
      if (many !== undefined && isLive(many, now) && hasItsLabels(many, base, label)) yield many;
    }
  }

  /** Whether a listed name lies below this one, so that it must not be said not to exist (RFC 8020 2). */
  isAncestor(name: WireName): boolean {
    if (this.#ancestors === undefined) return false;
    return name.labels === 0 ? this.size > 0 : this.#ancestors.find(name, 0) >= 0;
  }

  /** Adds a file of names, which are still to be added one by one, at most so many. */
  addList(list: NameList, counts: ListCounts, most: number): AddedList {
    const added = { ...list, counts, start: this.#texts.add(list.text) };
    this.#exact.reserve(this.#exact.size + most);
    this.#lists.push(added);
    return added;
  }

  /** Adds the name at a place, with its hash as a `WireName` has it; the place of its twin where it has one, or -1. */
  addName(reach: Reach, place: number, hash: number): number {
    const twin = this.#indexOf(reach).add(place, hash);
    if (twin < 0 && this.#ancestors !== undefined) this.#addAncestors(reach, place);
    return twin;
  }

  /** The rules that were written one by one. `name` is filled anew with the name of each, without its stars. */
  *written(name: WireName): Generator<Rule> {
    let place = 0;
    for (const rule of this.rules) {
      this.#read(place, name);
      yield rule;
      place += rule.pattern.base.length + 1;
    }
  }

  /** The names of a file, in its order. `name` is filled anew with each; of a wildcard, with what follows the stars. */
  *namesOf({ text, start }: AddedList, name: WireName): Generator<ListedName> {
    const lines = new ListLines(text);
    while (lines.next() !== "end") {
      const place = start + lines.start;
      this.#read(place, name);
      yield { place, reach: lines.reach };
    }
  }

  /** Every rule, in the policy's order. Those of files are objects that are not kept. */
  *all(): Generator<Rule> {
    yield* this.rules;
    const name = new WireName();
    for (const list of this.#lists) {
      for (const listed of this.namesOf(list, name)) yield this.describe(listed);
    }
  }

  /** The rule of a listed name: the one that is found for it. */
  ruleOf({ place, reach }: ListedName): Rule {
    return this.#ruleAt(place, reach)!;
  }

  /** What the rule of a listed name says, as an object that is not kept. */
  describe({ place, reach }: ListedName): Rule {
    const { template } = this.#lists.findLast(({ start }) => start <= place)!;
    const pattern = { reach, base: this.#texts.text(place) };
    return { ...template, pattern, name: formatPattern(pattern), number: place };
  }

  /** The name at a place, as `wire/name.ts` writes it. */
  textAt(place: number): string {
    return this.#texts.text(place);
  }

  /** Whether there are two of the same name. */
  #addWritten(): boolean {
    const lines = this.rules.map(({ pattern: { base } }) => `${base}\n`);
    let place = this.#texts.add(new TextEncoder().encode(lines.join("")));
    let hasTwins = false;
    this.#exact.reserve(lines.length);
    this.rules.forEach((rule, i) => {
      if (this.addName(rule.pattern.reach, place, this.#texts.hash(place)) >= 0) hasTwins = true;
      else this.#rules.set(place, rule);
      place += lines[i]!.length;
    });
    return hasTwins;
  }

  #indexOf(reach: Reach): NameIndex {
    return reach === "exact" ? this.#exact : reach === "one" ? this.#one : this.#many;
  }

  #addAncestors(reach: Reach, place: number): void {
    const name = new WireName();
    this.#read(place, name);
    for (let label = reach === "exact" ? 1 : 0; label < name.labels; label++) {
      // In wire form a label begins one byte later, and its length one byte before it.
      if (this.#ancestors!.add(place + name.starts[label]!, name.hashes[label]!) >= 0) return;
    }
  }

  #read(place: number, name: WireName): void {
    this.#texts.wire(place, scratch);
    name.read(scratch, 0);
  }

  #ruleAt(place: number, reach: Reach): Rule | undefined {
    if (place < 0) return undefined;
    const known = this.#rules.get(place);
    if (known !== undefined) return known;
    const rule = this.describe({ place, reach });
    this.#rules.set(place, rule);
    return rule;
  }
}

/** One name at a time is written here; it has room for what a reader may look at behind the root. */
const scratch = new Uint8Array(MAX_NAME_BYTES + 1);

/** The base of one pattern at a time. */
const patternBase = new WireName();
