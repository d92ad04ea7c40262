import assert from "node:assert/strict";
import fc from "fast-check";
import { asked, decide, parsePolicy, PolicyError } from "../../src/policy/mod.ts";
import { policyAllowing } from "../support/policies.ts";

const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join("."))
  // An IP address is no name.
  .filter((text) => !/^\d+(\.\d+){3}$/.test(text));

/** Names that often share labels, so that matches and near misses both happen. */
const closeName = fc.array(fc.constantFrom("a", "b", "c", "aa", "ab"), {
  minLength: 1,
  maxLength: 5,
})
  .map((labels) => labels.join("."));
const pattern = fc.tuple(fc.constantFrom("", "*.", "**."), closeName).map(([stars, base]) =>
  stars + base
);

/** Matching as the documentation says it, one rule at a time and label by label. */
function matchesNaively(rule: string, sought: string): boolean {
  const labels = sought.split(".");
  const [first, ...rest] = rule.split(".");
  if (first === "*") {
    return labels.length === rest.length + 1 && labels.slice(1).join(".") === rest.join(".");
  }
  if (first === "**") {
    return labels.length > rest.length &&
      labels.slice(labels.length - rest.length).join(".") === rest.join(".");
  }
  return sought === rule;
}

/** The most specific of the rules that match: exact, then `*.`, then the longest `**.`. */
function bestNaively(rules: readonly string[], sought: string): string | undefined {
  const rank = (rule: string): number =>
    rule.startsWith("**") ? rule.split(".").length : rule.startsWith("*") ? 1000 : 2000;
  return rules.filter((rule) => matchesNaively(rule, sought)).sort((a, b) => rank(b) - rank(a))[0];
}

Deno.test("a name is decided as the documentation says", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(pattern, { minLength: 1, maxLength: 8 }),
      closeName,
      (rules, sought) => {
        const decision = decide(policyAllowing(...rules), asked({ name: sought, type: 1 }), 0);
        const expected = bestNaively(rules, sought);
        assert.equal(decision.kind === "allow" ? decision.rule.name : undefined, expected);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("case and a trailing dot of a rule do not matter", () => {
  fc.assert(
    fc.property(name, fc.infiniteStream(fc.boolean()), (text, coins) => {
      const coin = coins[Symbol.iterator]();
      const mixed = [...text].map((c) => coin.next().value ? c.toUpperCase() : c).join("");
      for (const written of [mixed, `${mixed}.`]) {
        assert.equal(
          decide(policyAllowing(written), asked({ name: text, type: 1 }), 0).kind,
          "allow",
        );
      }
    }),
  );
});

Deno.test("a random name is denied", () => {
  const policy = policyAllowing("api.example.com", "*.debian.org", "**.corp.example");
  fc.assert(
    fc.property(name, (sought) => {
      const isListed = ["api.example.com", "*.debian.org", "**.corp.example"]
        .some((rule) => matchesNaively(rule, sought));
      assert.equal(decide(policy, asked({ name: sought, type: 1 }), 0).kind === "allow", isListed);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("any text is either a policy or a list of problems with places", () => {
  const words = fc.constantFrom(
    'allow = ["a.example"]',
    "[[upstream]]",
    'address = "9.9.9.9"',
    "[listen]",
    "[[rule]]",
    'name = "*.x.example"',
    "= 3",
    "[",
    "]",
    '"',
    "\\u0000",
    "types = []",
    "[[test]]",
    'expect = "deny"',
    "a.b.c = 1",
    "'''",
    "#",
    "1979-05-27",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(words, { maxLength: 12 }).map((all) => all.join("\n")),
  );
  fc.assert(
    fc.property(text, (toml) => {
      try {
        parsePolicy(new TextEncoder().encode(toml), "p");
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error;
        assert.ok(error.problems.length > 0);
        for (const { line, column } of error.problems) assert.ok(line >= 1 && column >= 1);
      }
    }),
    { numRuns: 2000 },
  );
});
