import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ANY_LABEL,
  asked,
  countNames,
  decide,
  type LabelSet,
  parseLabels,
} from "../../src/policy/mod.ts";
import { policyFrom } from "../support/policies.ts";

function labels(text: string): LabelSet {
  const parsed = parseLabels(text);
  if ("problem" in parsed) assert.fail(parsed.problem);
  return parsed.value;
}

function total({ counts }: LabelSet): bigint {
  return counts.reduce((sum, count) => sum + count, 0n);
}

const GOOD: readonly [text: string, words: bigint, has: string[], hasNot: string[]][] = [
  ["cdn", 1n, ["cdn"], ["cd", "cdnn", "", "xcdn"]],
  ["CDN", 1n, ["cdn"], ["CDN"]],
  ["[a-c]", 3n, ["a", "c"], ["d", "ab", "-"]],
  ["[a-c-]", 4n, ["-"], ["d"]],
  ["[-_]", 2n, ["-", "_"], ["a"]],
  ["[^a-z]", 12n, ["0", "-", "_"], ["a", "."]],
  ["a|b|a", 2n, ["a", "b"], ["ab"]],
  ["node[0-9]{1,3}", 1110n, ["node1", "node999"], ["node", "node1000", "node1a"]],
  ["x?", 1n, ["x"], ["", "xx"]],
  ["x{3}", 1n, ["xxx"], ["xx", "xxxx"]],
  ["x{0,2}y", 3n, ["y", "xy", "xxy"], ["x", "xxxy"]],
  ["(eu|us)-(east|west)-[1-3]", 12n, ["eu-west-3"], ["eu-west-4", "eu-west", "as-east-1"]],
  ["(a|aa){1,31}", 62n, ["a", "a".repeat(62)], ["a".repeat(63)]],
  ["a{40}a{0,40}", 24n, ["a".repeat(63)], ["a".repeat(39), "a".repeat(64)]],
  ["(a?b?){2}", 11n, ["abab", "ba", "bb"], ["baa", ""]],
];

for (const [text, words, has, hasNot] of GOOD) {
  Deno.test(`${text} has ${words} words`, () => {
    const set = labels(text);
    assert.equal(total(set), words);
    for (const word of has) assert.equal(set.matches(word), true, word);
    for (const word of hasNot) assert.equal(set.matches(word), false, word);
  });
}

const BAD: readonly [text: string, problem: string][] = [
  ["", "an empty expression: write one like [a-z]{1,20}"],
  ["a*", 'at letter 2: "*": it has no bound: write {0,20}, or as many as you need'],
  ["a+", 'at letter 2: "+": it has no bound: write {1,20}, or as many as you need'],
  ["a{2,}", "at letter 2: {2,} has no bound: write {2,20}"],
  ["a{30,}", "at letter 2: {30,} has no bound: write {30,30}"],
  ["a{}", 'at letter 2: "{": write {m} or {m,n}'],
  ["a{,3}", 'at letter 2: "{": write {m} or {m,n}'],
  ["a{3,2}", "at letter 2: {3,2}: write two numbers from 0 to 63, the smaller one first"],
  ["a{64}", "at letter 2: {64}: write two numbers from 0 to 63, the smaller one first"],
  ["a{0}", "at letter 2: {0}: write two numbers from 0 to 63, the smaller one first"],
  ["a??", 'at letter 3: "?": one repeat after another: write a group, like (…)?'],
  ["?", 'at letter 1: "?": there is nothing before it to leave out: take it out'],
  ["{2}", 'at letter 1: "{": there is nothing before it to repeat: take it out'],
  [".", 'at letter 1: ".": it would be any letter: write a class like [a-z0-9]'],
  ["^a", 'at letter 1: "^": the whole label is compared anyway: take it out'],
  ["a$", 'at letter 2: "$": the whole label is compared anyway: take it out'],
  ["\\d", 'at letter 1: "\\\\": nothing needs it: write letters, digits, - and _ as they are'],
  ["(a", 'at letter 1: "(" is never closed: write )'],
  ["a)", 'at letter 2: ")": there is no ( before it: take it out'],
  ["(?:a)", 'at letter 2: "(?": write a plain group, like (a|b)'],
  ["[a", 'at letter 1: "[" is never closed: write ]'],
  ["[]", "at letter 1: a class with no letter: write one like [a-z]"],
  ["[z-a]", "at letter 2: z-a is no range: write one like a-z or 0-9, and - last"],
  ["[a-9]", "at letter 2: a-9 is no range: write one like a-z or 0-9, and - last"],
  ["[a.b]", 'at letter 3: "." : no label can hold it'.replace(" :", ":")],
  ["a||b", "at letter 3: nothing stands here: write (…)? for what may be left out"],
  ["()", "at letter 2: nothing stands here: write (…)? for what may be left out"],
  ["é", 'at letter 1: "é": no label can hold it: write letters, digits, - and _ only'],
  ["\u212a", 'at letter 1: "\u212a": no label can hold it: write letters, digits, - and _ only'],
  ["x{63}x", "no label of 1 to 63 letters fits it: write shorter repeats"],
  [
    "[ab]{0,40}a[ab]{14}",
    "it has too many cases to count: write shorter repeats, or fewer within each other",
  ],
  [
    "([a-z]{1,63}){1,63}",
    "it has too many cases to count: write shorter repeats, or fewer within each other",
  ],
  ["a".repeat(1001), "an expression of 1001 letters: write at most 1000"],
];

for (const [text, problem] of BAD) {
  Deno.test(`${text.slice(0, 30)} is refused as labels, with what to write`, () => {
    assert.deepEqual(parseLabels(text), { problem: `${JSON.stringify(text)}: ${problem}` });
  });
}

Deno.test("groups cannot be nested without end", () => {
  const parsed = parseLabels("(".repeat(400) + "a" + ")".repeat(400));
  assert.match("problem" in parsed ? parsed.problem : "", /more than 50 groups/);
});

/** Expressions over a, b and -, which JavaScript reads the same way. */
const expression = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "b", "-", "[ab]", "[^a]", "[a-b-]"),
    fc.tuple(tie("any"), tie("any")).map(([one, other]) => one + other),
    fc.tuple(tie("any"), tie("any")).map(([one, other]) => `(${one}|${other})`),
    tie("any").map((one) => `(${one})?`),
    fc.tuple(tie("any"), fc.nat(2), fc.integer({ min: 1, max: 2 }))
      .map(([one, least, more]) => `(${one}){${least},${least + more}}`),
  ),
})).any;

/** Every word of up to so many letters out of a, b and -. */
function words(longest: number): string[] {
  let all = [""];
  const result: string[] = [];
  for (let length = 1; length <= longest; length++) {
    all = all.flatMap((word) => ["a", "b", "-"].map((letter) => word + letter));
    result.push(...all);
  }
  return result;
}

Deno.test("labels match what the same regular expression matches", () => {
  const all = words(5);
  fc.assert(
    fc.property(expression, (text) => {
      const parsed = parseLabels(text);
      if ("problem" in parsed) return assert.match(parsed.problem, /too many cases|no label of/);
      const expected = new RegExp(`^(?:${text})$`);
      for (const word of all) {
        assert.equal(parsed.value.matches(word), expected.test(word), `${text} ${word}`);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("words are counted as they are when each is tried", () => {
  const all = words(6);
  fc.assert(
    fc.property(expression, (text) => {
      // Only a, b and - are tried.
      if (text.includes("^")) return;
      const parsed = parseLabels(text);
      if ("problem" in parsed) return;
      const { counts, matches } = parsed.value;
      for (let length = 1; length <= 6; length++) {
        const count = all.filter((word) => word.length === length && matches(word)).length;
        assert.equal(counts[length], BigInt(count), `${text}, ${length} letters`);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("a wildcard without labels is counted as what it lets through", () => {
  assert.equal(ANY_LABEL.counts[2], 38n * 38n);
  assert.equal(ANY_LABEL.counts[63], 38n ** 63n);
  assert.equal(countNames({ reach: "one", base: "example.com" }, ANY_LABEL), total(ANY_LABEL));
  const bits = countNames({ reach: "many", base: "example.com" }, ANY_LABEL).toString(2).length;
  assert.ok(bits > 1200 && bits < 1300, `${bits}`);
});

Deno.test("only as many labels count as fit into a name", () => {
  const two = labels("a|bb");
  // A base of 250 letters takes 252 bytes on the wire: 3 are left.
  const base = [63, 63, 63, 58].map((length) => "x".repeat(length)).join(".");
  assert.equal(base.length, 250);
  // "a." takes 2 bytes and "bb." 3.
  assert.equal(countNames({ reach: "one", base }, two), 2n);
  assert.equal(countNames({ reach: "many", base }, two), 2n);
  assert.equal(countNames({ reach: "one", base: base + "x" }, two), 1n);
  assert.equal(countNames({ reach: "many", base: base.slice(1) }, two), 3n);
  assert.equal(countNames({ reach: "many", base: base.slice(2) }, two), 5n);
  assert.equal(countNames({ reach: "exact", base }, two), 1n);
});

Deno.test("a rule with labels matches only its words, in each label of **", () => {
  const policy = policyFrom(`[[rule]]
name = "*.one.example"
labels = "node[0-9]"
[[rule]]
name = "**.many.example"
labels = "[ab]"
[[rule]]
name = "**.one.example"
labels = "z"
`);
  const verdicts: readonly [name: string, rule: string | undefined][] = [
    ["node1.one.example", "*.one.example"],
    ["node12.one.example", undefined],
    ["nodex.one.example", undefined],
    ["a.many.example", "**.many.example"],
    ["a.b.a.many.example", "**.many.example"],
    ["a.c.many.example", undefined],
    ["c.a.many.example", undefined],
    // What the closer wildcard does not match, the wider one may.
    ["z.one.example", "**.one.example"],
    ["z.node1.one.example", undefined],
  ];
  for (const [name, rule] of verdicts) {
    const decision = decide(policy, asked({ name, type: 1 }), 0);
    assert.equal(decision.kind === "allow" ? decision.rule.name : undefined, rule, name);
  }
});
