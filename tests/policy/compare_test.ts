/** What one policy lets through beyond another: compared with asking both for every name of a small world. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { asked, decide, findBeyond, formatPattern, type Policy } from "../../src/policy/mod.ts";
import { policyFrom, policyWithLists } from "../support/policies.ts";

const NOW = Date.UTC(2026, 0, 1);
const TYPES = { A: 1, TXT: 16 } as const;

/** One top, and all names of up to four labels below it: `a` and `b`, which rules name, and `c` for all others. */
const NAMES = ["t"];
for (let i = 0; i < 40; i++) for (const label of "abc") NAMES.push(`${label}.${NAMES[i]}`);

function toml(rules: readonly Rule[]): string {
  return rules.map(({ name, types, labels, expired }) =>
    `[[rule]]\nname = "${name}"\ntypes = ${JSON.stringify(types)}\n${
      labels === undefined || !name.startsWith("*") ? "" : `labels = "${labels}"\n`
    }${expired ? "expires = 2025-01-01T00:00:00Z\n" : ""}`
  ).join("");
}

interface Rule {
  readonly name: string;
  readonly types: string[];
  readonly labels: string | undefined;
  readonly expired: boolean;
}

const base = fc.constantFrom("t", "a.t", "b.t", "a.a.t", "b.a.t");
const rule = (labels: fc.Arbitrary<string | undefined>): fc.Arbitrary<Rule> =>
  fc.record({
    name: fc.tuple(fc.constantFrom("", "*.", "**."), base).map(([stars, text]) => stars + text),
    types: fc.subarray(Object.keys(TYPES), { minLength: 1 }),
    labels,
    expired: fc.nat(5).map((n) => n === 0),
  });

function policyOf(rules: readonly Rule[]): Policy {
  return policyFrom(toml([...new Map(rules.map((one) => [one.name, one])).values()]));
}

const policies = (labels: fc.Arbitrary<string | undefined>) =>
  fc.tuple(fc.array(rule(labels), { maxLength: 6 }), fc.array(rule(labels), { maxLength: 6 }))
    .map((both) => both.map(policyOf) as [Policy, Policy]);

function allowed(policy: Policy): Set<string> {
  const pairs = NAMES.flatMap((name) => Object.values(TYPES).map((type) => ({ name, type })));
  return new Set(
    pairs.filter((pair) => decide(policy, asked(pair), NOW).kind === "allow")
      .map(({ name, type }) => `${name} ${type}`),
  );
}

function told(wide: Policy, narrow: Policy): string[] {
  return [...findBeyond(wide, narrow, NOW)].map(({ pattern, types }) =>
    `${formatPattern(pattern)} ${types}`
  );
}

Deno.test("where nothing is told, nothing is let through beyond; and something is told only where it is", () => {
  fc.assert(
    fc.property(policies(fc.constant(undefined)), ([wide, narrow]) => {
      const beyond = [...allowed(wide).difference(allowed(narrow))];
      assert.equal(told(wide, narrow).length > 0, beyond.length > 0, `${beyond}`);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("with labels, nothing is let through beyond that is not told", () => {
  const labels = fc.constantFrom(undefined, "a", "b", "[ab]", "[a-z]{1,3}");
  fc.assert(
    fc.property(policies(labels), ([wide, narrow]) => {
      const beyond = [...allowed(wide).difference(allowed(narrow))];
      if (beyond.length > 0) assert.notDeepEqual(told(wide, narrow), [], `${beyond}`);
    }),
    { numRuns: 200 },
  );
});

const one = (rest: string): Policy => policyFrom(`[[rule]]\n${rest}`);

Deno.test("narrower labels let nothing through beyond wider ones, however they are written", () => {
  const narrow = one('name = "*.a.t"\nlabels = "(a|b)[0-9]{2}"');
  const wide = one('name = "*.a.t"\nlabels = "[ab][0-9]{1,3}"');
  assert.deepEqual(told(narrow, wide), []);
  assert.deepEqual(told(wide, narrow), ["*.a.t 1,28"]);
  assert.deepEqual(told(wide, one('name = "**.t"')), []);
  assert.deepEqual(told(one('name = "*.a.t"'), one('name = "**.t"\nlabels = "[b-z]{1,63}"')), [
    "*.a.t 1,28",
  ]);
});

Deno.test("a type that an exact rule no longer takes away from a wildcard is let through beyond", () => {
  const types = (text: string): string => `types = ${text}`;
  const wildcard = `[[rule]]\nname = "*.t"\n${types('["A", "TXT"]')}`;
  const before = policyFrom(`${wildcard}\n[[rule]]\nname = "a.t"\n${types('["A"]')}`);
  assert.deepEqual(told(policyFrom(wildcard), before), ["a.t 16"]);
  assert.deepEqual(told(before, policyFrom(wildcard)), []);
});

Deno.test("names in files count as those of rules do", () => {
  const before = policyWithLists('allow_files = ["x.txt"]', "a.t\n*.b.t\n");
  const after = policyWithLists('allow_files = ["x.txt"]', "a.t\n**.b.t\nc.t\n");
  assert.deepEqual(told(after, before), ["**.b.t 1,28", "c.t 1,28"]);
  assert.deepEqual(told(before, after), []);
});
