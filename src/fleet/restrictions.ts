/** What a policy can say of a rule, or of all, that no engine has words for which knows only names and upstreams. */

import {
  formatDuration,
  isLive,
  parseSubnet,
  type Rule,
  type SubnetList,
  type Upstream,
} from "../policy/mod.ts";
import { formatWhole } from "../system/mod.ts";
import type { Differences } from "./differences.ts";
import { liveRules, type Source } from "./engine.ts";
import { isLocal } from "./local.ts";

/** Adds what is lost of each restriction of a rule but its types and how far it reaches. */
export function addRestrictions(
  rule: Rule,
  { policy: { budget } }: Source,
  differences: Differences,
): void {
  if (rule.pattern.reach !== "exact") {
    differences.addRule(
      rule,
      "what may stand for the stars (labels; letters, digits, - and _ where they are not named)",
      "anything may stand there",
    );
    differences.addRule(
      rule,
      `a budget for names below wildcards (wildcards_per_hour = ${budget.wildcardsPerHour})`,
      "clients cause as many questions as they like",
    );
  }
  if (rule.expires !== undefined) {
    differences.addRule(
      rule,
      "the end of a rule (expires)",
      "it holds until the policy is exported again",
    );
  }
  if (rule.within !== undefined) {
    differences.addRule(
      rule,
      "where the addresses in answers may lie (within)",
      "they may lie anywhere",
    );
  }
  if (rule.mode === "hermetic") {
    differences.addRule(rule, "hermetic mode", "clients' questions go upstream as they come");
  }
}

/** Adds what is lost of the policy as a whole. */
export function addCeiling({ policy: { budget } }: Source, differences: Differences): void {
  if (budget.bitsPerHour === undefined) return;
  differences.addSetting(
    ["budget", "bits_per_hour"],
    "a ceiling on what gets out (bits_per_hour)",
    "there is no bound",
  );
}

/** Whether all of a subnet, written like `::1/128`, may ask. Throws where it is none. */
export function servesAll(clients: SubnetList, subnet: string): boolean {
  const parsed = parseSubnet(subnet);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return clients.includesBytes(parsed.value.bytes, parsed.value.bits);
}

/** Whole seconds of a duration in ms, at least as long. */
export function seconds(duration: number): number {
  return Math.ceil(duration / 1000);
}

/**
 * The rules in force that were written one by one. Those of files have the policy's upstreams, floor and types, and no
 * private addresses, so that a million of them need not be looked at for these.
 */
export function* writtenRules({ policy, now }: Source): Generator<Rule> {
  for (const rule of policy.rules.rules) {
    if (isLive(rule, now) && !isLocal(rule)) yield rule;
  }
}

/** The names whose rules allow private answers, be it for names below them; each once. */
export function privateBases(source: Source): ReadonlySet<string> {
  const bases = new Set<string>();
  for (const { allowsPrivate, pattern: { base } } of writtenRules(source)) {
    if (allowsPrivate) bases.add(base);
  }
  return bases;
}

/** The wildcards in force. */
export function* wildcards(source: Source): Generator<Rule> {
  const areWritten = source.policy.rules.lists.every(({ counts }) => counts.wildcards === 0);
  for (const rule of areWritten ? writtenRules(source) : liveRules(source)) {
    if (rule.pattern.reach !== "exact" && !isLocal(rule)) yield rule;
  }
}

/** A line for people about rules with a floor of their own, for an engine that has one for all; none without such. */
export function describeOwnFloors(source: Source): readonly string[] {
  const floor = source.policy.cache.minTtl;
  const count = [...writtenRules(source)].filter(({ minTtl }) => minTtl !== floor).length;
  if (count === 0) return [];
  return [
    `min_ttl is one for all here, ${formatDuration(floor)}: rules with one of their own: ${
      formatWhole(count)
    }.`,
  ];
}

/** Upstreams in their order, as text that others do not have. */
export function keyOf(upstreams: readonly Upstream[]): string {
  return upstreams.map(({ key }) => key).join("\n");
}

/**
 * Finds rules that need upstreams of their own for a place where an engine has room for those of one rule alone.
 */
export class UpstreamTwins {
  readonly #first = new Map<string, string>();
  readonly #isNeeded: boolean;

  constructor({ policy: { rules, upstreams } }: Source) {
    // Names of files have the upstreams of the policy: a million of them need not be looked at.
    this.#isNeeded = rules.rules.some((rule) => keyOf(rule.upstreams) !== keyOf(upstreams));
  }

  /** Adds a difference where another rule was first at this place, with other upstreams. */
  add(rule: Rule, place: string, differences: Differences): void {
    if (!this.#isNeeded) return;
    const key = keyOf(rule.upstreams);
    const first = this.#first.get(place);
    if (first === undefined) this.#first.set(place, key);
    else if (first !== key) {
      differences.addRule(
        rule,
        "upstreams that are not those of a rule before it for the same name",
        "that one's are asked",
      );
    }
  }
}
