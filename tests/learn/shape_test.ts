import assert from "node:assert/strict";
import fc from "fast-check";
import { chanceBits } from "../../src/learn/chance.ts";
import { numberExpression } from "../../src/learn/number_range.ts";
import { findShapes } from "../../src/learn/shape.ts";
import { parseLabels } from "../../src/policy/mod.ts";

const RANGES: readonly [seen: string, expression: string][] = [
  ["5 5", "5"],
  ["1 7", "[1-7]"],
  ["0 9", "[0-9]"],
  ["1 20", "([1-9]|1[0-9]|20)"],
  ["01 12", "(0[1-9]|1[0-2])"],
  ["08 10", "(0[89]|10)"],
  ["98 102", "(9[89]|10[0-2])"],
  ["12 345", "[1-9][0-9]{1,2}"],
  ["3 1187", "([0-9]|[1-9][0-9]{1,3})"],
  ["1 01", "[0-9]{1,2}"],
  ["1 12345678901", "[0-9]{1,11}"],
];

for (const [seen, expression] of RANGES) {
  Deno.test(`numbers ${seen}: ${expression}`, () => {
    assert.equal(numberExpression(seen.split(" ")), expression);
  });
}

Deno.test("an expression of numbers has all that were seen; where it is written out, none below or above", () => {
  fc.assert(fc.property(fc.nat(3000), fc.nat(200), fc.boolean(), (least, more, isPadded) => {
    const text = (number: number): string =>
      String(number).padStart(isPadded ? String(least + more).length : 0, "0");
    const expression = numberExpression([text(least), text(least + more)]);
    const set = parseLabels(expression);
    assert.ok("value" in set, expression);
    for (let n = least; n <= least + more; n++) assert.ok(set.value.matches(text(n)), expression);
    if (!/\[0-9\]\{\d|\[1-9\]\[0-9\]$/.test(expression)) {
      assert.ok(!set.value.matches(text(least + more + 1)), expression);
      if (least > 0) assert.ok(!set.value.matches(text(least - 1)), expression);
    }
  }));
});

const series = (length: number, label: (i: number) => string): string[] =>
  Array.from({ length }, (_, i) => label(i));

const SHAPES: readonly [title: string, labels: string[], expression: string][] = [
  ["a counter", series(20, (i) => `r${i + 1}`), "r([1-9]|1[0-9]|20)"],
  ["addresses", series(9, (i) => `ip-10-0-${i % 2}-${i}`), "ip-10-0-[01]-[0-8]"],
  ["hashes", series(9, (i) => `7f3a9c${i}e`), "[0-9a-f]{8}"],
  ["a hash within", series(8, (i) => `cdn-${i}k3v9x2m-eu`), "cdn-[0-9a-z]{8}-eu"],
  [
    "a hash that is a number by chance",
    [...series(8, (i) => `7f3a9c${i}e`), "12345678"],
    "[0-9a-f]{8}",
  ],
];

for (const [title, labels, expression] of SHAPES) {
  Deno.test(`a shape: ${title}`, () => {
    const shapes = findShapes(labels, 8);
    assert.deepEqual(shapes.map((shape) => [shape.expression, shape.labels]), [[
      expression,
      labels,
    ]]);
    const set = parseLabels(expression);
    assert.ok("value" in set && labels.every((label) => set.value.matches(label)));
  });
}

Deno.test("words have no shape, and neither have seven of a kind", () => {
  const words = ["mail", "www", "ldap", "wiki", "git", "docs", "ci", "chat", "vpn"];
  assert.deepEqual(findShapes(words, 8), []);
  assert.deepEqual(findShapes(series(7, (i) => `r${i}`), 8), []);
});

const WORDS = [
  ..."firefox settings productionresultssa0 content-signature-2 detectportal vstoken safebrowsing"
    .split(" "),
  ..."msftconnecttest array801 fe3cr pkg-containers us-central1-docker ldaphost3 vmwkstn0042 dscb"
    .split(" "),
  ..."ip-10-0-0-1 xn--bcher-kva _acme-challenge 0a7 e1234 o1234567 scontent-fra3-1 rabbitmq".split(
    " ",
  ),
];

for (const word of WORDS) {
  Deno.test(`no chance in ${word}`, () => assert.equal(chanceBits(word), 0));
}

const CHANCE: readonly [label: string, bits: number][] = [
  ["328227d4c769ce8bc3af6aec4113f26e", 128],
  ["2hfgwv6vbm6dsbzi5zmlajfgyqnw7a5v", 160],
  ["qxvjhbnzkwpdmtgf", 80],
  ["123456789012", 12 * Math.log2(10)],
];

for (const [label, bits] of CHANCE) {
  Deno.test(`chance in ${label}`, () => assert.equal(chanceBits(label), bits));
}
