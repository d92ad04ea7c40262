import assert from "node:assert/strict";
import fc from "fast-check";
import { asked, decide, parsePattern, type Policy, PolicyError } from "../../src/policy/mod.ts";
import { policyAllowing, policyFromList, policyWithLists } from "../support/policies.ts";

/** Names that often share labels, so that matches and near misses both happen. */
const closeName = fc.array(fc.constantFrom("a", "b", "c", "aa", "ab"), {
  minLength: 1,
  maxLength: 5,
}).map((labels) => labels.join("."));
const pattern = fc.tuple(fc.constantFrom("", "*.", "**."), closeName)
  .map(([stars, base]) => stars + base);

/** What is decided about a name: the rule's name, or the reason. */
function verdict(policy: Policy, name: string): string {
  const decision = decide(policy, asked({ name, type: 1 }), 0);
  return decision.kind === "allow" ? decision.rule.name : decision.kind;
}

Deno.test("rules decide the same, however they are shared out between allow and files", () => {
  const list = fc.uniqueArray(fc.tuple(pattern, fc.nat(2)), {
    minLength: 1,
    maxLength: 12,
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(list, fc.array(closeName, { maxLength: 8 }), (rules, names) => {
      const [inAllow, ...files] = [0, 1, 2].map((where) =>
        rules.filter(([, at]) => at === where).map(([name]) => name)
      );
      const policy = policyWithLists(
        `allow = ${JSON.stringify(inAllow)}\nallow_files = ["x", "y"]`,
        ...files.map((lines) => lines.join("\n")),
      );
      const all = policyAllowing(...rules.map(([name]) => name));
      for (const name of names) assert.equal(verdict(policy, name), verdict(all, name), name);
    }),
    { numRuns: 2000 },
  );
});

/** Bytes that mean something in a file of names, and some that do not. */
const letters = fc.constantFrom(..."aB0-_.*# \t\r\nü\ufeff\\/:".split(""), "a".repeat(62), "a.b");
const file = fc.array(letters, { maxLength: 30 }).map((all) => all.join(""));

/** Lines as the documentation says them: without their comments and the blanks around them. */
function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, "").split("\n")
    .map((line) => line.replace(/#.*$/s, "").replace(/^[ \t\r]+|[ \t\r]+$/g, ""))
    .filter((line) => line !== "");
}

Deno.test("a line of a file is a name exactly where it would be one in allow", () => {
  fc.assert(
    fc.property(file, (text) => {
      const lines = linesOf(text);
      const parsed = lines.map((line) => parsePattern(line));
      const bad = parsed.filter((one) => "problem" in one).length;
      const good = parsed.flatMap((one) => "value" in one ? [JSON.stringify(one.value)] : []);
      const twins = good.length - new Set(good).size;
      try {
        const policy = policyFromList(text);
        assert.equal(bad + twins, 0);
        assert.equal(policy.rules.size, good.length);
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error;
        assert.equal(error.problems.length, bad + twins, error.message);
      }
    }),
    { numRuns: 5000 },
  );
});
