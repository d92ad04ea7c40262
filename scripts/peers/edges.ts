/** The edges of a rule: what it lets through, and what lies just beside that. */

import type { Rule } from "../../src/policy/mod.ts";
import { type Labels, labelsOf } from "./question.ts";

/** A name, and what it is at the edge of. */
export interface Edge {
  readonly edge: string;
  readonly labels: Labels;
  /** Whether it is asked for with every type, and not only with a few. */
  readonly isWhole?: boolean;
}

/** What the labels of wildcards with an expression are tried with: what fits, and what nearly does. */
const LABELS: readonly string[] = [
  ...[
    "node1",
    "node12",
    "node123",
    "node",
    "node1234",
    "xnode1",
    "node1x",
    "node-1",
    "NODE7",
    "nodea",
  ],
  ...["db-ab", "web-ff", "db-a", "db-abc", "dbab", "web-", "web-fg", "DB-AB", "db", "xdb-ab"],
  ...["a", "ab", "cc", "abc", "d", "ad", "A", "aB"],
];

/** What a label below a wildcard must not hold, and what it may. */
const ODD_LABELS: readonly string[] = [
  ...[
    "a b",
    "a.b",
    "a\0b",
    "a\nb",
    "*",
    "**",
    "a*",
    "\xe4",
    "\xff\xfe",
    "a/b",
    "a\\",
    "a'b",
    'a"b',
    "a;b",
    "a(b",
  ],
  ...["a$b", "a@b", "a%b", "a#b", "[[", "]]", "--", "a+b", "~"],
];
const FINE_LABELS: readonly string[] = [
  "-",
  "_",
  "-a",
  "a-",
  "a_b",
  "0",
  "x".repeat(63),
  "xn--bcher-kva",
];

/** All edges of a rule. */
export function* edgesOf(rule: Rule): Generator<Edge> {
  const base = labelsOf(rule.pattern.base);
  if (rule.pattern.reach === "exact") yield* aroundExact(base);
  else yield* aroundWildcard(rule, base);
}

function* aroundExact(base: Labels): Generator<Edge> {
  const [first = "", ...parent] = base;
  yield { edge: "an exact name", labels: base, isWhole: true };
  yield { edge: "an exact name in other letter case", labels: base.map(upper) };
  yield { edge: "an exact name in other letter case", labels: base.map(mixed) };
  yield { edge: "one label below an exact name", labels: ["sub", ...base], isWhole: true };
  yield { edge: "two labels below an exact name", labels: ["a", "sub", ...base] };
  yield { edge: "many labels below an exact name", labels: [..."exfiltrated", ...base] };
  yield { edge: "odd letters below an exact name", labels: ["a b", ...base] };
  yield { edge: "odd letters below an exact name", labels: ["*", ...base] };
  yield { edge: "the parent of an exact name", labels: parent };
  yield { edge: "the top of an exact name", labels: base.slice(-1) };
  yield { edge: "a sibling of an exact name", labels: ["sibling", ...parent] };
  yield* beside("an exact name", first, parent, base);
}

/** Names that look like one and are not below it, or end otherwise. */
function* beside(what: string, first: string, parent: Labels, base: Labels): Generator<Edge> {
  yield { edge: `letters in front of ${what}, without a dot`, labels: [`x${first}`, ...parent] };
  yield { edge: `letters behind the first label of ${what}`, labels: [`${first}x`, ...parent] };
  yield { edge: `${what} with another end`, labels: [...base, "evil", "test"] };
  yield { edge: `${what} with another end`, labels: [...base, "com"] };
  yield { edge: `${what} in one label, with dots in it`, labels: [base.join(".")] };
  yield { edge: `${what} behind a label that ends with a NUL`, labels: [`${first}\0`, ...parent] };
}

function* aroundWildcard({ pattern: { reach }, labels }: Rule, base: Labels): Generator<Edge> {
  const stars = reach === "one" ? "*." : "**.";
  const front = labels?.text ? "node1" : "any";
  const [first = "", ...parent] = base;
  yield { edge: `one label below ${stars}`, labels: [front, ...base], isWhole: true };
  yield {
    edge: `one label below ${stars} in other letter case`,
    labels: [front, ...base].map(upper),
  };
  yield {
    edge: `one label below ${stars} in other letter case`,
    labels: [front, ...base].map(mixed),
  };
  yield { edge: `two labels below ${stars}`, labels: ["a", front, ...base], isWhole: true };
  yield { edge: `many labels below ${stars}`, labels: [..."exfiltrated", ...base] };
  yield { edge: `the base of ${stars}`, labels: base, isWhole: true };
  yield { edge: `the parent of the base of ${stars}`, labels: parent };
  yield { edge: `a sibling of the base of ${stars}`, labels: ["sibling", ...parent] };
  for (const label of ODD_LABELS) {
    yield { edge: `odd letters below ${stars}`, labels: [label, ...base] };
  }
  yield { edge: `odd letters below ${stars}`, labels: ["a b", "any", ...base] };
  for (const label of FINE_LABELS) {
    yield { edge: `letters, digits, - and _ below ${stars}`, labels: [label, ...base] };
  }
  yield { edge: `the longest name below ${stars}`, labels: fill(base) };
  for (const one of labels?.text ? LABELS : []) {
    yield { edge: `what ${stars} has \`labels\` for`, labels: [one, ...base] };
    yield { edge: `what ${stars} has \`labels\` for, below another`, labels: ["a", one, ...base] };
    yield { edge: `what ${stars} has \`labels\` for, above another`, labels: [one, "a", ...base] };
  }
  yield* beside(`what is below ${stars}`, first, parent, base);
}

/** A base with as many labels in front as make 255 bytes, or as many bytes as there can be. */
export function fill(base: Labels): Labels {
  const labels = [...base];
  let room = 254 - labels.reduce((sum, { length }) => sum + length + 1, 0);
  for (; room >= 2; room -= 1 + labels[0]!.length) {
    // No byte is to be left over: it could hold no label.
    const length = Math.min(63, room - 1);
    labels.unshift("l".repeat(room - 1 - length === 1 ? length - 1 : length));
  }
  return labels;
}

function upper(label: string): string {
  return label.toUpperCase();
}

function mixed(label: string): string {
  return [...label].map((letter, i) => i % 2 === 0 ? letter.toUpperCase() : letter).join("");
}
