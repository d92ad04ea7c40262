/** What of a policy dnsmasq has no words for. */

import { formatTypes, isLoopback, type Policy, type Rule } from "../../policy/mod.ts";
import { WireName } from "../../wire/mod.ts";
import type { Differences } from "../differences.ts";
import { liveRules, type Source } from "../engine.ts";
import { isLocal } from "../local.ts";
import { addCeiling, addRestrictions, servesAll, UpstreamTwins } from "../restrictions.ts";
import { askable } from "./names.ts";
import { listened, NOT_REBOUND } from "./server.ts";
import { CNAME, listedTypes } from "./types.ts";

/** Adds what is lost of each rule and of the policy. */
export function addDifferences(source: Source, differences: Differences): void {
  const types = listedTypes(source);
  const twins = new UpstreamTwins(source);
  addUnlisted(source.policy, differences);
  addListening(source.policy, differences);
  addAnswers(source.policy, types, differences);
  for (const rule of liveRules(source)) {
    if (isLocal(rule)) {
      differences.addRule(rule, "a rule for names that are answered locally", "they stay so");
      continue;
    }
    addOfRule(rule, types, source, differences);
    if (rule.pattern.reach !== "exact") twins.add(rule, rule.pattern.base, differences);
  }
  addCeiling(source, differences);
}

function addUnlisted({ unlisted }: Policy, differences: Differences): void {
  if (unlisted === "drop") {
    differences.addSetting(["unlisted"], "silence for unlisted names", "they get REFUSED");
  } else if (unlisted === "nxdomain") {
    differences.addSetting(
      ["unlisted"],
      "an empty answer for names above listed ones",
      "they get NXDOMAIN, which some programs take for the listed ones, too",
    );
  }
}

function addListening(policy: Policy, differences: Differences): void {
  const { addresses, clients } = policy.listen;
  if (listened(policy).length < addresses.length) {
    differences.addSetting(
      ["listen", "addresses"],
      "a port for each address",
      "those that have the port of the first one are listened at",
    );
  }
  const isServed = ({ hostname }: { hostname: string }): boolean => {
    const six = hostname.includes(":");
    if (isLoopback(hostname)) return servesAll(clients, six ? "::1/128" : "127.0.0.0/8");
    return servesAll(clients, six ? "::/0" : "0.0.0.0/0");
  };
  if (!addresses.every(isServed)) {
    differences.addSetting(
      ["listen", "clients"],
      "who may ask (clients)",
      "all may whose packets reach its addresses: have a packet filter hold that",
    );
  }
}

function addAnswers(
  { cache: { stale } }: Policy,
  types: ReadonlySet<number>,
  differences: Differences,
): void {
  differences.addSetting(
    ["types"],
    "types of no rule",
    "questions for them go upstream, and the answers are left out of what comes back",
  );
  if (!types.has(CNAME)) {
    differences.addSetting(["types"], "CNAME as a type of no rule", "aliases are told");
  }
  if (stale > 0) {
    differences.addSetting(
      ["cache", "stale"],
      "stale answers for when no upstream answers",
      "there are none",
    );
  }
}

function addOfRule(
  rule: Rule,
  all: ReadonlySet<number>,
  source: Source,
  differences: Differences,
): void {
  const { pattern: { reach, base }, types, upstreams } = rule;
  const is = (what: string, instead: string): void => differences.addRule(rule, what, instead);
  if (types.size < all.size) {
    is(
      `the types of a rule (${formatTypes(types)} alone)`,
      `those of all rules resolve (${formatTypes(all)})`,
    );
  }
  if (
    reach === "one" &&
    source.policy.rules.findWider("one", WireName.of(base), source.now) === undefined
  ) {
    is("one label in front of a name", "names with more labels there resolve as well");
  }
  addRestrictions(rule, source, differences);
  if (askable(upstreams).length < upstreams.length) {
    is(
      'an upstream over TLS (transport = "tls")',
      "it is not asked, since that would be in the open",
    );
  }
  if (rule.allowsPrivate) {
    is(
      "private answers of some names only (private)",
      `all names may have them in the rarer ranges (${NOT_REBOUND.slice(0, 3).join(", ")}, …)`,
    );
  }
  if (upstreams.some(({ transport }) => transport === "tcp")) {
    is('an upstream over TCP (transport = "tcp")', "it is asked over UDP");
  }
}
