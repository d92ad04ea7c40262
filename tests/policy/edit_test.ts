import assert from "node:assert/strict";
import { addRule, moveEnd } from "../../src/policy/mod.ts";

const UPSTREAM = '[[upstream]]\naddress = "192.0.2.53"\n';
const RULE = { name: "a.example", expires: Date.UTC(2027, 0, 2, 3, 4, 5), comment: undefined };
const ADDED = '[[rule]]\nname = "a.example"\nexpires = 2027-01-02T03:04:05Z\n';

/** The text with the rule in it. */
function added(toml: string, comment?: string): string {
  const edited = addRule(toml, { ...RULE, comment });
  assert.ok("value" in edited, JSON.stringify(edited));
  return edited.value.text;
}

const PLACES: readonly [what: string, before: string, after: string][] = [
  ["at the end where there is no rule", UPSTREAM, `${UPSTREAM}\n${ADDED}`],
  [
    "at the end, with one empty line where there are some",
    `${UPSTREAM}\n\n`,
    `${UPSTREAM}\n\n${ADDED}`,
  ],
  [
    "behind the last rule, its comments too",
    `[[rule]]\nname = "b.example" # b\n# labels = ""\n\n# What must hold\n${UPSTREAM}`,
    `[[rule]]\nname = "b.example" # b\n# labels = ""\n\n${ADDED}\n# What must hold\n${UPSTREAM}`,
  ],
  [
    "before a comment that belongs to what follows",
    `[[rule]]\nname = "b.example"\n# Who is asked\n${UPSTREAM}`,
    `[[rule]]\nname = "b.example"\n\n${ADDED}\n# Who is asked\n${UPSTREAM}`,
  ],
  [
    "right before another table",
    `[[rule]]\nname = "b.example"\n${UPSTREAM}`,
    `[[rule]]\nname = "b.example"\n\n${ADDED}\n${UPSTREAM}`,
  ],
  [
    "behind the last of several rules, wherever it stands and however it is spelled",
    `[[rule]]\nname = "b.example"\n[log]\n[['rule' ]]\nname = """c.example"""\n${UPSTREAM}`,
    `[[rule]]\nname = "b.example"\n[log]\n[['rule' ]]\nname = """c.example"""\n\n${ADDED}\n${UPSTREAM}`,
  ],
  [
    "at an end without a line feed, which it keeps",
    UPSTREAM.trimEnd(),
    `${UPSTREAM}\n${ADDED.trimEnd()}`,
  ],
  [
    "behind a rule that ends without a line feed",
    `${UPSTREAM}[[rule]]\nname = "b.example"`,
    `${UPSTREAM}[[rule]]\nname = "b.example"\n\n${ADDED.trimEnd()}`,
  ],
];

for (const [what, before, after] of PLACES) {
  Deno.test(`a rule is added ${what}`, () => assert.equal(added(before), after));
  Deno.test(`a rule is added ${what}, with CR LF`, () => {
    assert.equal(added(before.replaceAll("\n", "\r\n")), after.replaceAll("\n", "\r\n"));
  });
}

Deno.test("a comment is written as TOML, and shows in an editor what is in it", () => {
  const text = added(UPSTREAM, 'ticket "7" \\ \u{1f600}\n\u202e\u007f');
  assert.ok(
    text.endsWith('comment = "ticket \\"7\\" \\\\ \u{1f600}\\n\\u202e\\u007f"\n'),
    text,
  );
});

Deno.test("rules written as one list cannot be added to, and it says what to write", () => {
  const edited = addRule(`rule = [{ name = "b.example" }]\n${UPSTREAM}`, RULE);
  assert.deepEqual(edited, {
    problem: "rules are written as one list (rule = [ … ]), which has no place for another " +
      "[[rule]]: write into that list\n" +
      '  { name = "a.example", expires = 2027-01-02T03:04:05Z }',
  });
});

const ENDS: readonly [what: string, before: string, after: string][] = [
  [
    "of a table",
    `${UPSTREAM}[[rule]]\nname = "b.example"\nexpires = 2026-01-01T00:00:00Z\n[[rule]]\n"expires" = 2026-01-01 00:00:00+02:00 # soon\nname = "a.example"\n`,
    `${UPSTREAM}[[rule]]\nname = "b.example"\nexpires = 2026-01-01T00:00:00Z\n[[rule]]\n"expires" = 2027-01-02T03:04:05Z # soon\nname = "a.example"\n`,
  ],
  [
    "in a list",
    `rule = [{ name = "b.example" }, # b\n { name = "a.example", expires = 2026-01-01T00:00:00Z }]\n${UPSTREAM}`,
    `rule = [{ name = "b.example" }, # b\n { name = "a.example", expires = 2027-01-02T03:04:05Z }]\n${UPSTREAM}`,
  ],
];

for (const [what, before, after] of ENDS) {
  Deno.test(`the end of a rule is moved, and nothing else: ${what}`, () => {
    const edited = moveEnd(before, 1, RULE);
    assert.equal("value" in edited && edited.value.text, after);
  });
}

Deno.test("what cannot be found or read is not changed, and it says what to write", () => {
  for (const edited of [moveEnd(UPSTREAM, 0, RULE), addRule("= 1", RULE)]) {
    assert.ok("problem" in edited);
    assert.match(edited.problem, /^(its rule|the file) is written in a way that cannot be /);
    assert.ok(edited.problem.endsWith(`write\n  ${ADDED.trimEnd().replaceAll("\n", "\n  ")}`));
  }
});
