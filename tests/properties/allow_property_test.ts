/** Whatever a policy looks like: what `fw-dns allow` adds is one piece, and all else stays as it is. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { addRule, moveEnd, parsePolicy } from "../../src/policy/mod.ts";

const EXPIRES = Date.UTC(2030, 0, 1);
const comment = fc.option(fc.string({ unit: "binary", maxLength: 12 }), { nil: undefined });

/** Words in comments that could be taken for something else. */
const words = fc.constantFrom(
  "",
  " why",
  "[[rule]]",
  ' name = "x"',
  "\u{1f600} é",
  " expires = 1",
  '"""',
);
const commentLine = words.map((text) => `#${text}`);
const trailing = fc.oneof(fc.constant(""), commentLine.map((text) => ` ${text}`));
const filler = fc.array(fc.oneof(fc.constant(""), fc.constant("  "), commentLine), {
  maxLength: 3,
});

/** The lines of a table, with comments and empty lines between them. */
function tableOf(head: string, ...keys: readonly string[]): fc.Arbitrary<string[]> {
  return fc.tuple(
    filler,
    fc.tuple(...[head, ...keys].map((key) => fc.tuple(trailing, filler, fc.constant(key)))),
  )
    .map(([before, lines]) => [
      ...before,
      ...lines.flatMap(([note, after, key]) => [`${key}${note}`, ...after]),
    ]);
}

const label = fc.stringMatching(/^[a-z]{1,6}$/);
const names = fc.uniqueArray(label, { maxLength: 4 });

/** A good policy with its tables in any order, as its text. `end`: whether rules have one. */
function policyText(): fc.Arbitrary<string> {
  return names.chain((all) => {
    const rules = all.map((name) =>
      fc.boolean().chain((ends) =>
        tableOf(
          "[[rule]]",
          `name = "${name}.example"`,
          ...(ends ? ['"expires" = 2027-01-01 00:00:00+01:00'] : []),
          'comment = """a\n[[rule]]\n# b"""',
        )
      )
    );
    const others = [
      tableOf("[[upstream]]", 'address = "192.0.2.53"'),
      tableOf("[log]", 'format = "json"'),
      tableOf("[[test]]", 'name = "no.test"', 'expect = "deny"'),
    ];
    const tables = fc.tuple(...[...rules, ...others])
      .chain((found) => fc.shuffledSubarray(found, { minLength: found.length }));
    const top = tableOf('allow = ["listed.example"]', "watch = true");
    const shape = fc.record({
      ending: fc.constantFrom("\n", "\r\n"),
      last: fc.constantFrom("", "\n", "\n\n"),
    });
    return fc.tuple(top, tables, shape).map(([head, body, { ending, last }]) =>
      (head.concat(...body).join("\n") + last).replaceAll("\n", ending)
    );
  });
}

const policyOf = (toml: string) => parsePolicy(new TextEncoder().encode(toml), "p");

Deno.test("without the added piece the text is as it was, and with it there is one rule more, the last", () => {
  fc.assert(
    fc.property(policyText(), comment, (toml, why) => {
      const before = policyOf(toml);
      const edited = addRule(toml, { name: "added.test", expires: EXPIRES, comment: why });
      assert.ok("value" in edited);
      const { text, start, piece } = edited.value;
      assert.equal(text.slice(0, start) + text.slice(start + piece.length), toml);
      assert.equal(text.slice(start, start + piece.length), piece);
      const rules = policyOf(text).rules.rules;
      const added = rules.at(-1)!;
      assert.deepEqual([added.name, added.expires, added.comment], [
        "added.test",
        EXPIRES,
        why?.toWellFormed(),
      ]);
      const rest = rules.slice(0, -1).map(({ name, expires, comment }) => [name, expires, comment]);
      assert.deepEqual(
        rest,
        before.rules.rules.map(({ name, expires, comment }) => [name, expires, comment]),
      );
      assert.equal(/\r\n/.test(toml), /\r\n/.test(piece));
      assert.equal(toml.endsWith("\n"), text.endsWith("\n"));
      for (const line of text.split("\n")) assert.ok(!/\r[^\n]*[^\n\r]/.test(line));
    }),
    { numRuns: 500 },
  );
});

Deno.test("moving an end changes that value alone", () => {
  fc.assert(
    fc.property(policyText(), (toml) => {
      const { rules } = policyOf(toml).rules;
      for (const [index, rule] of rules.slice(1).entries()) {
        const { name } = rule;
        const edited = moveEnd(toml, index, { name, expires: EXPIRES, comment: undefined });
        if (rule.expires === undefined) {
          assert.ok("problem" in edited);
          continue;
        }
        assert.ok("value" in edited);
        const { text, start, piece } = edited.value;
        const old = toml.slice(start, toml.length - (text.length - start - piece.length));
        assert.equal(old, "2027-01-01 00:00:00+01:00");
        const moved = policyOf(text);
        assert.equal(moved.rules.findPattern(rule.pattern)!.expires, EXPIRES);
        assert.equal(moved.rules.rules.filter(({ expires }) => expires === EXPIRES).length, 1);
      }
    }),
    { numRuns: 500 },
  );
});
