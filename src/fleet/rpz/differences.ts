/** What a policy says that no zone can. */

import { isLive, type Policy, type Rule } from "../../policy/mod.ts";
import type { Differences } from "../differences.ts";
import { liveRules, type Source } from "../engine.ts";

/** Adds all that a zone cannot say of a policy, whatever its names are. */
export function addDifferences(source: Source, differences: Differences): void {
  const { policy } = source;
  differences.addSetting(["types"], "record types", "all types of a listed name resolve");
  differences.addSetting(
    ["answers", "private"],
    "addresses in answers",
    "private, loopback and other reserved addresses pass, unless the resolver drops them",
  );
  if (policy.unlisted === "refused") {
    differences.addSetting(
      ["unlisted"],
      'unlisted = "refused"',
      "unlisted names get NXDOMAIN, and those above a listed one NODATA",
    );
  }
  if (policy.budget.bitsPerHour !== undefined) {
    differences.addSetting(["budget", "bits_per_hour"], "bits_per_hour", "there is no bound");
  }
  for (const rule of unlikeRules(source)) addOfRule(policy, rule, differences);
}

/**
 * The rules that count now and may say more than that an exact name resolves: names of files are looked at only where
 * one of those may.
 */
export function* unlikeRules(source: Source): Generator<Rule> {
  const { rules } = source.policy;
  const isPlain = rules.lists.every(({ counts, template }) =>
    counts.wildcards === 0 && template.mode !== "hermetic"
  );
  if (!isPlain) return yield* liveRules(source);
  for (const rule of rules.rules) {
    if (isLive(rule, source.now)) yield rule;
  }
}

function addOfRule(policy: Policy, rule: Rule, differences: Differences): void {
  const { pattern: { reach }, labels, expires, mode, upstreams, minTtl, within } = rule;
  const add = (what: string, instead: string) => differences.addRule(rule, what, instead);
  if (reach !== "exact") {
    if (reach === "one") add("exactly one label (*.)", "names of any depth below it resolve");
    add("letters, digits, - and _ alone below a wildcard", "labels of any bytes resolve");
    differences.addSetting(
      ["budget", "wildcards_per_hour"],
      "wildcards_per_hour",
      "names below wildcards have no budget",
    );
  }
  if (labels !== undefined) add("labels", "any label resolves");
  if (within !== undefined) add("within", "addresses of any network pass");
  if (expires !== undefined) {
    add("expires", "it stays until the zone is exported again after that time");
  }
  if (mode === "hermetic") add("hermetic mode", "it is asked for when clients ask");
  if (minTtl !== policy.cache.minTtl) add("min_ttl of a rule", "the resolver has one for all");
  if (!hasAll(upstreams, policy.upstreams)) {
    add("upstream of a rule", "it goes to the upstreams of the resolver, as all others do");
  }
}

function hasAll<T>(some: readonly T[], all: readonly T[]): boolean {
  return some === all || some.length === all.length;
}
