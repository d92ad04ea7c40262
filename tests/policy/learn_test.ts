import assert from "node:assert/strict";
import { loadDomains } from "../../src/cli/public_suffixes.ts";
import { learnBound, ticksIn, wildcardBound } from "../../src/policy/leak_bound.ts";
import { tenthsUp } from "../../src/policy/log2.ts";
import {
  ANY_LABEL,
  asked,
  checkCeiling,
  decide,
  lintPolicy,
  measureLeak,
  parsePolicy,
  type Policy,
  PolicyError,
  runPolicyTests,
  withDomains,
} from "../../src/policy/mod.ts";
import { countNamesAgain } from "../support/count_names.ts";
import { policyFrom } from "../support/policies.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");
const LEARN = "[learn]\nuntil = 2026-07-01T00:00:00Z\n";
const END = Date.parse("2026-07-01T00:00:00Z");
const DOMAINS = (await loadDomains()).ownerOf;

/** What a question gets: its kind, and the reason or the rule. */
function outcome(policy: Policy, name: string, type = 1, now = NOW): string {
  const decision = decide(policy, asked({ name, type }), now);
  switch (decision.kind) {
    case "deny":
      return `deny ${decision.reason}`;
    case "special":
      return "special";
    default:
      return `${decision.kind} ${decision.rule.name}`;
  }
}

Deno.test("[learn] has defaults, and no policy learns without it", () => {
  assert.equal(policyFrom("").learn, undefined);
  const { until, namesPerDomainPerDay, namesPerDay, rule } = policyFrom(LEARN).learn!;
  assert.deepEqual([until, namesPerDomainPerDay, namesPerDay], [END, 20, 500]);
  assert.deepEqual([...rule.types], [1, 28]);
  assert.deepEqual([rule.mode, rule.expires, rule.allowsPrivate], ["forward", END, false]);
});

Deno.test("what a learned name gets is what a name in allow would get", () => {
  const { learn } = policyFrom(
    `mode = "hermetic"\n${LEARN}[answers]\nprivate = true\n[cache]\nmin_ttl = "5m"`,
  );
  assert.deepEqual([learn!.rule.mode, learn!.rule.minTtl], ["forward", 300_000]);
  assert.equal(learn!.rule.allowsPrivate, true);
});

const WRONG: readonly [what: string, toml: string, message: RegExp][] = [
  [
    "no time",
    "[learn]\n",
    /1:1: learn: the key until is missing: write until = 2026-12-31T00:00:00Z/,
  ],
  ["a day alone", "[learn]\nuntil = 2026-07-01", /2:9: learn.until: a time with its zone is/],
  ["text", '[learn]\nuntil = "2026-07-01T00:00:00Z"', /2:9: learn.until: a date and time are/],
  ["less than none", `${LEARN}names_per_day = -1`, /write a whole number from 0 to 10000/],
  ["too many", `${LEARN}names_per_domain_per_day = 10001`, /write a whole number from 0 to 10000/],
  ["an unknown key", `${LEARN}names = 1`, /until, names_per_domain_per_day, names_per_day/],
];

for (const [what, toml, message] of WRONG) {
  Deno.test(`a wrong [learn]: ${what}`, () => {
    assert.throws(
      () => policyFrom(toml),
      (error) => error instanceof PolicyError && message.test(error.message),
    );
  });
}

const RULES = `allow = ["api.example.com", "*.wild.example.net"]
types = ["A", "MX"]
${LEARN}
[[rule]]
name = "old.example.com"
expires = 2026-05-01T00:00:00Z
[[test]]
name = "evil.example.com"
expect = "deny"
`;

const DECISIONS: readonly [name: string, type: number, expected: string][] = [
  ["new.example.com", 1, "allow [learn]"],
  ["new.example.com", 28, "allow [learn]"],
  ["example.co.uk", 1, "allow [learn]"],
  ["_srv.a-b.example.co.uk", 1, "allow [learn]"],
  ["intranet.lan", 1, "allow [learn]"],
  // Private suffixes that somebody uses as names.
  ["s3.amazonaws.com", 1, "allow [learn]"],
  ["github.io", 1, "allow [learn]"],
  // A rule decides alone where there is one.
  ["api.example.com", 1, "allow api.example.com"],
  ["api.example.com", 28, "type api.example.com"],
  ["x.wild.example.net", 28, "type *.wild.example.net"],
  ["wild.example.net", 1, "allow [learn]"],
  ["old.example.com", 1, "deny expired"],
  // Other types, whatever the policy's are.
  ["new.example.com", 15, "deny unlisted"],
  ["new.example.com", 16, "deny unlisted"],
  ["new.example.com", 65, "deny unlisted"],
  ["evil.example.com", 1, "deny unlisted"],
  ["x.evil.example.com", 1, "allow [learn]"],
  [".", 1, "deny unlisted"],
  ["com", 1, "deny unlisted"],
  ["co.uk", 1, "deny unlisted"],
  ["router", 1, "deny unlisted"],
  ["1.2.3.4", 1, "deny unlisted"],
  ["a\\032b.example.com", 1, "deny unlisted"],
  ["1.2.0.192.in-addr.arpa", 1, "deny unlisted"],
  ["1.0.0.2.ip6.arpa", 1, "deny unlisted"],
  ["nas.home.arpa", 1, "deny unlisted"],
  ["printer.local", 1, "deny unlisted"],
  ["db.corp.internal", 1, "deny unlisted"],
  ["secret.onion", 1, "deny unlisted"],
  ["a.test", 1, "deny unlisted"],
  ["a.invalid", 1, "deny unlisted"],
  ["a.alt", 1, "deny unlisted"],
  ["local.example.com", 1, "allow [learn]"],
  ["localhost", 1, "special"],
  ["x.localhost", 1, "special"],
];

for (const [name, type, expected] of DECISIONS) {
  Deno.test(`while names are learned, ${name} of type ${type} gets: ${expected}`, () => {
    assert.equal(outcome(withDomains(policyFrom(RULES), DOMAINS), name, type), expected);
  });
}

Deno.test("nothing is learned from the moment on that [learn] names", () => {
  const policy = policyFrom(RULES);
  assert.equal(outcome(policy, "new.example.com", 1, END - 1), "allow [learn]");
  assert.equal(outcome(policy, "new.example.com", 1, END), "deny unlisted");
});

Deno.test("nothing is learned before the list of public suffixes is there, or where it knows no domain", () => {
  const toml = `${LEARN}[[upstream]]\naddress = "192.0.2.53"`;
  const policy = parsePolicy(new TextEncoder().encode(toml), "policy.toml");
  assert.equal(outcome(policy, "new.example.com"), "deny unlisted");
  assert.equal(outcome(withDomains(policy, () => undefined), "new.example.com"), "deny unlisted");
  assert.equal(outcome(withDomains(policy, DOMAINS), "new.example.com"), "allow [learn]");
});

Deno.test("with unlisted = nxdomain, no name is said not to exist while one below it may be learned", () => {
  const policy = policyFrom(`unlisted = "nxdomain"\n${LEARN}`);
  const isAncestor = (now: number): boolean => {
    const decision = decide(policy, asked({ name: "com", type: 1 }), now);
    assert.equal(decision.kind, "deny");
    return decision.kind === "deny" && decision.isAncestor;
  };
  assert.deepEqual([isAncestor(NOW), isAncestor(END)], [true, false]);
});

Deno.test("a [[test]] is about the rules: what is learned is still denied by them", () => {
  const test = (expect: string): string =>
    `${LEARN}[[test]]\nname = "new.example.com"\nexpect = "${expect}"\n`;
  assert.deepEqual(runPolicyTests(policyFrom(test("deny")), NOW), []);
  assert.match(runPolicyTests(policyFrom(test("allow")), NOW)[0]!.message, /comes out as deny/);
});

Deno.test("check warns that the door is ajar, until when and how far, and when it has been shut", () => {
  const none = { isSuffix: () => false, isAboveSuffix: () => false };
  const warnings = (toml: string, now = NOW): string[] =>
    lintPolicy(policyFrom(`allow = ["a.example.com"]\n${toml}`), now, none)
      .map(({ path, message }) => `${path.join(".")}: ${message}`);
  assert.deepEqual(warnings(`${LEARN}names_per_day = 7`), [
    "learn.until: the door is ajar until 2026-07-01T00:00:00.000Z: names that no rule lists resolve too, " +
    "in any 24 hours 7 new ones for each domain and 7 in all: take [learn] out sooner if you can",
  ]);
  assert.deepEqual(warnings(LEARN, END), [
    "learn.until: learning has ended at 2026-07-01T00:00:00.000Z: take [learn] out",
  ]);
  assert.match(warnings(`${LEARN}[log]\nqueries = "none"`)[1]!, /^log.queries: nothing can be lea/);
  // A policy that lists no name is what learning begins with.
  assert.equal(lintPolicy(policyFrom(LEARN), NOW, none).length, 1);
  assert.equal(lintPolicy(policyFrom(LEARN), END, none).length, 2);
});

Deno.test("the leak bound charges each new name as much as it can say, and repeats as a choice among known ones", () => {
  const { learned, total, restart, isHermetic } = measureLeak(
    policyFrom(`mode = "hermetic"\nallow = ["a.example"]\n${LEARN}names_per_day = 10`),
    NOW,
    (pattern, labels) => {
      assert.deepEqual(pattern, { reach: "many", base: "." });
      assert.equal(labels.text, "");
      return 1000n;
    },
  );
  // 360,000 ticks, 1,000 names or 10,000 known ones, 2 types, and whether it is new.
  const expected = wildcardBound(360_000, 4000n, 10) + wildcardBound(360_000, 40_000n, 1030);
  assert.deepEqual(learned, {
    o1: tenthsUp(expected),
    o2: tenthsUp(expected),
    o3: tenthsUp(expected),
  });
  assert.deepEqual(total, learned);
  assert.deepEqual(restart, learned);
  assert.equal(isHermetic, false);
});

Deno.test("the leak bound rises with each new name, and is 0 for none, and once learning has ended", () => {
  const bits = (more: string, now = NOW): number | undefined =>
    measureLeak(policyFrom(`${LEARN}${more}`), now, countNamesAgain).learned?.o3;
  assert.ok(bits("names_per_day = 3")! > bits("names_per_day = 2")!);
  assert.equal(bits("names_per_day = 0"), 0);
  assert.equal(bits("names_per_domain_per_day = 0"), 0);
  assert.equal(bits("", END), 0);
  assert.equal(measureLeak(policyFrom(""), NOW).learned, undefined);
  // About 1,350 bits a name: more than the 1,334 of the name alone.
  const one = learnBound(ticksIn(3_600_000, 10), {
    names: 1,
    repeats: 0,
    words: 2n * countNamesAgain({ reach: "many", base: "" }, ANY_LABEL),
    knownWords: 1n,
  });
  assert.ok(tenthsUp(one) > 1334 && tenthsUp(one) < 1360, `${tenthsUp(one)}`);
});

Deno.test("the ceiling counts what is learned, and says what to do", () => {
  const policy = policyFrom(`allow = ["a.example"]\nbudget.bits_per_hour = 10000\n${LEARN}`);
  const [problem] = checkCeiling(policy, () => measureLeak(policy, NOW, countNamesAgain));
  assert.match(problem!.message, /the costliest rules are \[learn\] \([\d,.]+\), a.example/);
  assert.match(problem!.message, /: take \[learn\] out \(saves/);
});
