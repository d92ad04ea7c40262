import assert from "node:assert/strict";
import { readQuery } from "../../src/wire/mod.ts";
import { keepQuery, type Query } from "../../src/wire/mod.ts";
import { opt, option, query, type QueryFields, wireLabel, wireName } from "../support/packets.ts";

function problemOf(packet: Uint8Array): string {
  const read = readQuery(packet);
  assert.equal(read.kind, "malformed");
  return read.kind === "malformed" ? read.problem : "";
}

function questionOf({ message, questionEnd }: Query): number[] {
  return [...message.subarray(12, questionEnd)];
}

function accept(fields: QueryFields): Exclude<ReturnType<typeof readQuery>, { kind: "malformed" }> {
  const read = readQuery(query(fields));
  if (read.kind === "malformed") assert.fail(read.problem);
  return read;
}

Deno.test("a plain query passes with its question and its ID", () => {
  const read = accept({ id: 0xbeef, name: "API.Example.com", type: 28 });
  assert.equal(read.id, 0xbeef);
  assert.equal(read.name, "api.example.com");
  assert.equal(read.type, 28);
  assert.equal(read.edns, false);
  assert.equal(read.udpLimit, 512);
  assert.deepEqual(questionOf(read), [...wireName("API.Example.com"), 0, 28, 0, 1]);
});

Deno.test("the root is a name", () => {
  assert.equal(accept({ name: ".", type: 2 }).name, ".");
});

Deno.test("a name with odd bytes passes, each written as \\ddd", () => {
  const labels = wireLabel([0x00, 0x2e, 0x5c, 0x0a, 0x1b, 0x25, 0x26, 0xff]);
  const read = accept({ name: [...labels, ...wireName("x")] });
  assert.equal(read.name, "\\000\\046\\092\\010\\027\\037\\038\\255.x");
});

Deno.test("a query that is kept does not change with the receive buffer", () => {
  const packet = query();
  const read = readQuery(packet);
  if (read.kind === "malformed") assert.fail();
  const kept = keepQuery(read);
  const before = questionOf(kept);
  packet.fill(0);
  assert.deepEqual(questionOf(kept), before);
  assert.equal(kept.name, kept.wire.text);
});

const HEADER_PROBLEMS: readonly [string, QueryFields, RegExp][] = [
  ["QR set", { flags: 0x8100 }, /response/],
  ["opcode IQUERY", { flags: 0x0900 }, /opcode/],
  ["opcode STATUS", { flags: 0x1100 }, /opcode/],
  ["opcode NOTIFY", { flags: 0x2100 }, /opcode/],
  ["opcode UPDATE", { flags: 0x2900 }, /opcode/],
  ["opcode 15", { flags: 0x7900 }, /opcode/],
  ["no question", { counts: [0, 0, 0, 0] }, /exactly one question/],
  ["two questions, the allowed one first", {
    counts: [2, 0, 0, 0],
    rest: [...wireName("evil.example"), 0, 1, 0, 1],
  }, /exactly one question/],
  ["65535 questions", { counts: [65535, 0, 0, 0] }, /exactly one question/],
  ["a record in answer", { counts: [1, 1, 0, 0] }, /answer/],
  ["a record in authority", { counts: [1, 0, 1, 0] }, /authority/],
  ["two records in additional", { counts: [1, 0, 0, 2], rest: [...opt(), ...opt()] }, /additional/],
  ["ARCOUNT 1 without a record", { counts: [1, 0, 0, 1] }, /OPT/],
  ["class CH", { class: 3 }, /class/],
  ["class ANY", { class: 255 }, /class/],
  ["class NONE", { class: 254 }, /class/],
  ["class 0", { class: 0 }, /class/],
  ["a byte after the end", { counts: [1, 0, 0, 0], rest: [0] }, /after/],
  ["an OPT that is not counted", { counts: [1, 0, 0, 0], rest: opt() }, /after/],
];

for (const [what, fields, expected] of HEADER_PROBLEMS) {
  Deno.test(`stops: ${what}`, () => assert.match(problemOf(query(fields)), expected));
}

for (let length = 0; length < 12; length++) {
  Deno.test(`stops: ${length} bytes`, () => {
    assert.match(problemOf(query().subarray(0, length)), /header/);
  });
}

Deno.test("stops: cut anywhere after the header", () => {
  const packet = query({ rest: opt({ options: option(10, [1, 2, 3, 4, 5, 6, 7, 8]) }) });
  for (let length = 12; length < packet.length; length++) problemOf(packet.subarray(0, length));
});

const NAME_PROBLEMS: readonly [string, readonly number[]][] = [
  ["a pointer to itself", [0xc0, 12]],
  ["a pointer forward", [0xc0, 20, 1, 97, 0]],
  ["a pointer past the end", [0xff, 0xff]],
  ["a pointer into the header", [0xc0, 0]],
  ["a label, then a pointer", [3, 97, 98, 99, 0xc0, 12]],
  ["a chain of 200 pointers", Array.from({ length: 200 }, (_, i) => [0xc0, 14 + 2 * i]).flat()],
  ["label type 0x40", [0x41, 97, 0]],
  ["label type 0x80", [0x81, 97, 0]],
  ["a label of 64", [64, ...new Array(64).fill(97), 0]],
  ["256 bytes in all", [...new Array(126).fill([1, 97]).flat(), 2, 97, 97, 0]],
  ["128 labels", [...new Array(128).fill([1, 97]).flat(), 0]],
  ["no end", [3, 97, 98, 99]],
];

for (const [what, name] of NAME_PROBLEMS) {
  Deno.test(`stops: ${what}`, () => {
    assert.match(problemOf(query({ name })), /name|question|class|after/);
  });
}

Deno.test("a name of exactly 255 bytes passes", () => {
  const name = [...new Array(127).fill([1, 97]).flat(), 0];
  assert.equal(name.length, 255);
  assert.equal(accept({ name }).name.length, 253);
});

Deno.test("a label of 63 bytes passes", () => {
  accept({ name: [63, ...new Array(63).fill(97), 0] });
});

const OPT_PROBLEMS: readonly [string, readonly number[]][] = [
  ["OPT not at the root", opt({ owner: wireName("x") })],
  ["OPT at a pointer to the root", opt({ owner: [0xc0, 12] })],
  ["another type than OPT", opt({ type: 1 })],
  ["TSIG", opt({ type: 250 })],
  ["version 1", opt({ version: 1 })],
  ["version 255", opt({ version: 255 })],
  ["RDLEN beyond the end", opt({ length: 1 })],
  ["RDLEN before the end", opt({ options: option(10, []), length: 0 })],
  ["an option that is longer than what is left", opt({ options: [0, 10, 0, 9, 1, 2, 3, 4] })],
  ["an option without its length", opt({ options: [0, 10, 0] })],
  ["one byte of an option", opt({ options: [0] })],
  ["an OPT of 10 bytes", opt().slice(0, 10)],
  ["bytes after the OPT", [...opt(), 0]],
];

for (const [what, rest] of OPT_PROBLEMS) {
  Deno.test(`stops: ${what}`, () => assert.match(problemOf(query({ rest })), /OPT/));
}

Deno.test("flags, RCODE, and what well-framed options hold are not looked at", () => {
  const contents: readonly (readonly number[])[] = [
    option(8, [0, 1, 24, 8, 10, 0, 0]), // ECS with a scope
    option(10, []),
    option(10, [1, 2, 3, 4, 5, 6, 7]),
    option(10, new Array(9).fill(1)),
    option(10, new Array(41).fill(1)),
    option(12, [1, 2, 3, 4]), // padding that is not zero
    option(65001, new Array(500).fill(0x41)),
    new Array(2000).fill(option(65001, [])).flat(),
  ];
  for (const options of contents) accept({ rest: opt({ options }) });
  for (const flag of [0x0400, 0x0200, 0x0080, 0x0040, 0x0020, 0x0010, 0x000f]) {
    accept({ flags: 0x0100 | flag });
  }
  accept({ flags: 0 });
  accept({ rest: opt({ flags: 0x7fff, extendedRcode: 255 }) });
});

Deno.test("the payload size counts from 512 to 1232", () => {
  const limit = (size: number): number => accept({ rest: opt({ size }) }).udpLimit;
  assert.deepEqual([0, 64, 511, 512, 1000, 1232, 4096, 65535].map(limit), [
    512,
    512,
    512,
    512,
    1000,
    1232,
    1232,
    1232,
  ]);
});

Deno.test("the reply repeats RD and CD, and knows who understands AD", () => {
  assert.equal(accept({ flags: 0x0110 }).repeatedFlags, 0x0110);
  assert.equal(accept({ flags: 0x06e0 }).repeatedFlags, 0);
  assert.equal(accept({ flags: 0x0120 }).wantsAuthenticated, true);
  assert.equal(accept({ rest: opt({ flags: 0x8000 }) }).wantsAuthenticated, true);
  assert.equal(accept({ rest: opt() }).wantsAuthenticated, false);
});
