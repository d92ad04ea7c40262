/** What of a policy Unbound has no words for. */

import { formatTypes, type Policy, type Rule } from "../../policy/mod.ts";
import { WireName } from "../../wire/mod.ts";
import type { Differences } from "../differences.ts";
import { liveRules, type Source } from "../engine.ts";
import { isLocal } from "../local.ts";
import { addCeiling, addRestrictions, UpstreamTwins } from "../restrictions.ts";
import { caFiles, inOneWay, isWritablePath } from "./forward.ts";
import { markerOf } from "./names.ts";

/** DNSSEC's DS: for the name at the top of a zone, Unbound goes by the zone above it. */
const DS = 43;

/** A name that is no longer has room for a few letters in front, as a marker takes. */
const LONG = 128;

/** Adds what is lost of each rule and of the policy. */
export function addDifferences(source: Source, differences: Differences): void {
  const twins = new UpstreamTwins(source);
  for (const rule of liveRules(source)) {
    if (isLocal(rule)) {
      differences.addRule(rule, "a rule for names that are answered locally", "they stay so");
      continue;
    }
    addOfRule(rule, source, differences);
    twins.add(rule, rule.pattern.base, differences);
  }
  addCeiling(source, differences);
  addOfUpstreams(source.policy, differences);
}

function addOfUpstreams(policy: Policy, differences: Differences): void {
  const { file, kinds } = caFiles(policy);
  if (!isWritablePath(file)) {
    differences.addSetting(
      ["upstream"],
      "a ca_file with a quotation mark or a control character in its path",
      "no authority is believed, and Unbound does not start",
    );
  }
  if (kinds > 1) {
    differences.addSetting(
      ["upstream"],
      "upstreams that are certified by different authorities (ca_file)",
      "those of one ca_file are believed, for all upstreams: others fail",
    );
  }
  policy.upstreams.forEach(({ tls }, i) => {
    if (tls?.pin === undefined) return;
    differences.addSetting(
      ["upstream", i, "pin"],
      "the key of an upstream (pin)",
      "its certificate has to be for its name, and from an authority that is believed; no more",
    );
  });
}

function addOfRule(rule: Rule, source: Source, differences: Differences): void {
  const { policy, now } = source;
  const { pattern: { reach, base }, types, upstreams } = rule;
  const is = (what: string, instead: string): void => differences.addRule(rule, what, instead);
  is(`the types of a rule (${formatTypes(types)} alone)`, "all types resolve, but not ANY");
  if (types.has(DS)) {
    is("DS as a type", "it counts as unlisted where nothing above the name is listed");
  }
  if (reach === "exact" && base.length > LONG && markerOf(base, source) === undefined) {
    is("a name as long as this", "it does not resolve");
  }
  if (reach === "one" && policy.rules.findWider("one", WireName.of(base), now) === undefined) {
    is("one label in front of a name", "names with more labels there resolve as well");
  }
  const isBaseListed = (): boolean => policy.rules.find(WireName.of(base), now) !== undefined;
  if (reach !== "exact" && policy.unlisted !== "nxdomain" && !isBaseListed()) {
    is(
      "the name below which a wildcard stands, as an unlisted one",
      "it gets an empty answer, made locally",
    );
  }
  addRestrictions(rule, source, differences);
  if (inOneWay(upstreams).length < upstreams.length) {
    is("upstreams in different ways (transport)", "those that go the way of the first are asked");
  }
  if (inOneWay(upstreams).length > 1) is("an order of upstreams", "the fastest is asked first");
}
