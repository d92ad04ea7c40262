import assert from "node:assert/strict";
import { expandName, readName } from "../../src/wire/name.ts";
import { encodeName, isWithin, nameText, parentName } from "../../src/wire/mod.ts";
import { wireLabel, wireName } from "../support/packets.ts";

/** A message with 12 bytes of header in front. */
function message(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...new Array(12).fill(0), ...parts.flat()]);
}

Deno.test("text and wire form are each other's inverse", () => {
  for (const text of [".", "a", "api.example.com", "_dns.x-y.z", "\\000\\046.x", "\\255\\092.a"]) {
    assert.equal(nameText(encodeName(text)), text);
  }
});

Deno.test("a dot inside a label is not the end of a label", () => {
  const [dotted, plain] = [[...wireLabel("a.b"), 0], wireName("a.b")];
  assert.equal(readName(Uint8Array.from(dotted), 0)?.text, "a\\046b");
  assert.equal(readName(Uint8Array.from(plain), 0)?.text, "a.b");
});

Deno.test("encoding refuses what is no name", () => {
  assert.throws(() => encodeName("a..b"), /label/);
  assert.throws(() => encodeName("a".repeat(64)), /label/);
  assert.throws(() => encodeName(new Array(128).fill("a").join(".")), /255/);
});

Deno.test("a compressed name is expanded", () => {
  const bytes = message(wireName("example.com"), [3, 97, 112, 105, 0xc0, 12]);
  const name = expandName(bytes, 25);
  assert.equal(nameText(name!.wire), "api.example.com");
  assert.equal(name!.end, 31);
});

Deno.test("letters that come from the question are made small, others stay", () => {
  const bytes = message(wireName("EXAMPLE.com"), [...wireLabel("API"), 0xc0, 12]);
  const { wire } = expandName(bytes, 25, 25)!;
  assert.deepEqual([...wire], [...wireLabel("API"), ...wireName("example.com")]);
});

const BAD: readonly [string, Uint8Array, number][] = [
  ["a pointer to itself", message([0xc0, 12]), 12],
  ["a pointer forward", message([0xc0, 14, 0]), 12],
  ["a pointer into the header", message([0, 0xc0, 4]), 13],
  ["two pointers in a ring", message([0xc0, 14, 0xc0, 12]), 14],
  ["a pointer into its own name", message([1, 97, 0xc0, 12]), 12],
  ["a pointer to the end of its own label", message([2, 97, 0, 0xc0, 14]), 12],
  ["a pointer cut in half", message([0, 0xc0]), 13],
  ["label type 0x40", message([0x41, 97, 0]), 12],
  ["label type 0x80", message([0x81, 97, 0]), 12],
  ["no end", message([3, 97, 98]), 12],
  ["a start past the end", message(), 12],
];

for (const [what, bytes, start] of BAD) {
  Deno.test(`no name: ${what}`, () => assert.equal(expandName(bytes, start), undefined));
}

Deno.test("no name: more than 255 bytes by way of pointers", () => {
  const first = [...new Array(100).fill([1, 97]).flat(), 0];
  const second = [...new Array(40).fill([1, 97]).flat(), 0xc0, 12];
  assert.equal(expandName(message(first, second), 12 + first.length), undefined);
  const shorter = [...new Array(27).fill([1, 97]).flat(), 0xc0, 12];
  assert.equal(expandName(message(first, shorter), 12 + first.length)?.wire.length, 255);
});

Deno.test("a chain of pointers, each further back, is followed to its end", () => {
  const chain = Array.from({ length: 100 }, (_, i) => [0xc0, i === 0 ? 12 : 13 + 2 * (i - 1)]);
  const bytes = message([0], ...chain);
  assert.equal(nameText(expandName(bytes, bytes.length - 2)!.wire), ".");
});

Deno.test("ancestors are found by labels, not by string ends", () => {
  assert.equal(isWithin("a.example.com", "example.com"), true);
  assert.equal(isWithin("example.com", "example.com"), true);
  assert.equal(isWithin("notexample.com", "example.com"), false);
  assert.equal(isWithin("anything", "."), true);
  assert.equal(parentName("a.b"), "b");
  assert.equal(parentName("b"), ".");
  assert.equal(parentName("."), undefined);
});

Deno.test("no name: a chain of more than 126 pointers", () => {
  const chain = (hops: number): Uint8Array =>
    message(
      [0],
      ...Array.from(
        { length: hops },
        (_, i) => [0xc0 | ((i === 0 ? 12 : 11 + 2 * i) >> 8), (i === 0 ? 12 : 11 + 2 * i) & 255],
      ),
    );
  const [longest, tooLong] = [chain(126), chain(127)];
  assert.notEqual(expandName(longest, longest.length - 2), undefined);
  assert.equal(expandName(tooLong, tooLong.length - 2), undefined);
});
