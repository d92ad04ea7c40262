/** Warnings about names that a policy lists, one by one or in files. */

import { isWithin, TYPE, WireName } from "../wire/mod.ts";
import { LineCounter, starsLength } from "./list_places.ts";
import { formatWhole } from "../system/mod.ts";
import { MOST_TOLD, type PathProblem } from "./problem.ts";
import { isLive, type Rule } from "./rule.ts";
import type { AddedList, ListedName } from "./name_list.ts";
import type { RuleTable } from "./rules.ts";
import { answerSpecial } from "./special.ts";

/** What is known of names below which people who do not know each other have theirs: `co.uk`, `github.io`. */
export interface PublicSuffixes {
  /** Whether a name is one itself. */
  isSuffix(name: string): boolean;
  /** Whether one lies below it. */
  isAboveSuffix(name: string): boolean;
}

/** The zones of address space. */
const ADDRESS_ZONES = ["in-addr.arpa", "ip6.arpa"].map((text) => WireName.of(text));

/** Warnings for a rule that has to do with its name alone. `base`: the name without its stars. */
export function warnName(
  rules: RuleTable,
  rule: Rule,
  base: WireName,
  now: number,
  suffixes: PublicSuffixes,
): (string | undefined)[] {
  return [
    warnPublicSuffix(rule, suffixes),
    warnAddressSpace(rule),
    warnSpecial(rule, base),
    warnCovered(rules, rule, base, now),
  ];
}

/** Warnings about the names of a file; where there are very many, the first of them and how many more. */
export function warnList(
  rules: RuleTable,
  list: AddedList,
  now: number,
  suffixes: PublicSuffixes,
): PathProblem[] {
  const { file, text, template: { path }, counts } = list;
  if (counts.exact + counts.wildcards === 0) return [{ path, message: `${file} has no name` }];
  const warnings: PathProblem[] = [];
  const counter = new LineCounter(file, text);
  const base = new WireName();
  let more = 0;
  for (const name of rules.namesOf(list, base)) {
    if (!mayNeedWarning(rules, name, base, now)) continue;
    for (const message of warnName(rules, rules.describe(name), base, now, suffixes)) {
      if (message === undefined) continue;
      if (warnings.length >= MOST_TOLD) more++;
      else {
        const place = counter.placeOf(name.place - list.start - starsLength(name.reach));
        warnings.push({ path, place, message });
      }
    }
  }
  if (more > 0) {
    warnings.push({ path, message: `${file}: and ${formatWhole(more)} more warnings like those` });
  }
  return warnings;
}

/** Whether any of the warnings could be due. Most names are passed over here, without a rule being made of them. */
function mayNeedWarning(
  rules: RuleTable,
  { reach }: ListedName,
  base: WireName,
  now: number,
): boolean {
  return reach !== "exact" || answerSpecial(base, TYPE.A) !== undefined ||
    ADDRESS_ZONES.some((zone) => base.isWithin(zone)) ||
    rules.findWider(reach, base, now) !== undefined;
}

function warnPublicSuffix({ name, pattern }: Rule, suffixes: PublicSuffixes): string | undefined {
  const { reach, base } = pattern;
  if (reach === "exact" || addressZone(base) !== undefined) return undefined;
  if (suffixes.isSuffix(base)) {
    return `${name} lets through names that anyone can register: list the names that you need below ${base}`;
  }
  if (reach === "one" || !suffixes.isAboveSuffix(base)) return undefined;
  return `${name} reaches below a public suffix, where anyone can register names: list those that you need`;
}

/** The zone of address space that a name lies in, if any. */
function addressZone(name: string): string | undefined {
  return ADDRESS_ZONES.find(({ text }) => isWithin(name, text))?.text;
}

function warnAddressSpace({ name, pattern }: Rule): string | undefined {
  if (addressZone(pattern.base) === undefined) return undefined;
  return pattern.reach === "exact"
    ? `${name} is in address space: whoever holds that address answers for it`
    : `${name} lets clients choose bits that reach whoever holds those addresses: list single names`;
}

function warnSpecial({ name }: Rule, base: WireName): string | undefined {
  const special = answerSpecial(base, TYPE.A);
  if (special === undefined) return undefined;
  return `${name} has no effect, because fw-dns answers ${special.rule} itself: remove the rule`;
}

/** A rule is covered where the next one that matches all its names would do the very same. */
function warnCovered(
  rules: RuleTable,
  rule: Rule,
  base: WireName,
  now: number,
): string | undefined {
  const other = rules.findWider(rule.pattern.reach, base, now);
  if (other === undefined || !isLive(rule, now) || !isSameBut(rule, other)) return undefined;
  return `${rule.name} is covered by ${other.name} already: remove one of the two`;
}

function isSameBut(rule: Rule, other: Rule): boolean {
  return rule.types.size === other.types.size &&
    [...rule.types].every((type) => other.types.has(type)) &&
    rule.upstreams.length === other.upstreams.length &&
    rule.upstreams.every((upstream, i) => upstream === other.upstreams[i]) &&
    rule.minTtl === other.minTtl &&
    rule.mode === other.mode &&
    rule.allowsPrivate === other.allowsPrivate &&
    withinText(rule) === withinText(other) &&
    rule.labels?.text === other.labels?.text &&
    (other.expires === undefined || (rule.expires !== undefined && rule.expires <= other.expires));
}

/** Subnets, in whatever order the policy has them. */
function withinText({ within }: Rule): string | undefined {
  return within?.subnets.map(({ text }) => text).sort().join();
}
