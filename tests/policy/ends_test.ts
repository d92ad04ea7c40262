import assert from "node:assert/strict";
import { listEnding, parsePattern } from "../../src/policy/mod.ts";
import { policyFrom, policyWithLists } from "../support/policies.ts";

const NOW = Date.UTC(2026, 5, 1);

function ruleUntil(name: string, expires: string): string {
  return `[[rule]]\nname = "${name}"\nexpires = ${expires}\n`;
}

Deno.test("what ends is listed, soonest first, and what has ended or never ends is not", () => {
  const { rules } = policyFrom(
    'allow = ["never.example"]\n' + ruleUntil("late.example", "2026-07-01T00:00:00Z") +
      ruleUntil("soon.example", "2026-06-01T00:00:01Z") +
      ruleUntil("past.example", "2026-06-01T00:00:00Z") +
      ruleUntil("*.late.example", "2026-07-01T00:00:00Z"),
  );
  assert.deepEqual(listEnding(rules, NOW).map(({ name }) => name), [
    "soon.example",
    "late.example",
    "*.late.example",
  ]);
});

Deno.test("the rule with a name is the one with these stars, in a file of names too", () => {
  const { rules } = policyWithLists(
    'allow = ["a.example", "*.a.example"]\nallow_files = ["names.txt"]\n' +
      ruleUntil("**.a.example", "2026-01-01T00:00:00Z"),
    "b.example\n*.b.example\n**.B.example.\n",
  );
  const same = (name: string): string | undefined => {
    const pattern = parsePattern(name);
    assert.ok("value" in pattern);
    const found = rules.findPattern(pattern.value);
    return found && `${found.path[0]} ${found.name}`;
  };
  assert.equal(same("A.example."), "allow a.example");
  assert.equal(same("*.a.example"), "allow *.a.example");
  assert.equal(same("**.a.example"), "rule **.a.example");
  assert.equal(same("b.example"), "allow_files b.example");
  assert.equal(same("*.b.example"), "allow_files *.b.example");
  assert.equal(same("**.b.example"), "allow_files **.b.example");
  assert.equal(same("x.a.example"), undefined);
  assert.equal(same("*.x.b.example"), undefined);
});
