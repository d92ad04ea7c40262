import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import packet from "dns-packet";
import { writeQuestion } from "../../src/wire/mod.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { opt, query, u16 } from "../support/packets.ts";

const QUESTION = { name: "api.example.com", type: 28 };

Deno.test("a question is ours byte by byte, and random only in its letter case", () => {
  const sent = writeQuestion(QUESTION, 0xabcd, false, new SeededRandom(1));
  const expected = query({ id: 0xabcd, type: 28, rest: opt({ size: 1232 }) });
  assert.equal(sent.bytes.length, expected.length);
  sent.bytes.forEach((byte, i) => {
    const isLetter = i > 12 && i < 28 && byte >= 0x41;
    assert.equal(isLetter ? byte | 0x20 : byte, expected[i], `byte ${i}`);
  });
  assert.equal(sent.questionEnd, 12 + 17 + 4);
});

Deno.test("AD is set for an upstream whose word counts, and nothing else is", () => {
  const flags = (askAuthenticated: boolean): number[] => [
    ...writeQuestion(QUESTION, 1, askAuthenticated, new SeededRandom(1)).bytes.subarray(2, 4),
  ];
  assert.deepEqual(flags(false), u16(0x0100));
  assert.deepEqual(flags(true), u16(0x0120));
});

Deno.test("a padded question is the same with zeros in a padding option, a multiple of 128 bytes in all", () => {
  for (let length = 1; length <= 63; length++) {
    const question = { name: `${"a".repeat(length)}.${"b".repeat(63)}.example.com`, type: 1 };
    const plain = writeQuestion(question, 1, true, new SeededRandom(1)).bytes;
    const { bytes, questionEnd } = writeQuestion(question, 1, true, new SeededRandom(1), true);
    assert.equal(bytes.length % 128, 0);
    assert.ok(bytes.length - plain.length - 4 < 128);
    assert.equal(packet.decode(Buffer.from(bytes)).additionals?.length, 1);
    assert.deepEqual(bytes.subarray(0, questionEnd + 9), plain.subarray(0, questionEnd + 9));
    const padding = bytes.length - plain.length;
    assert.deepEqual(
      [...bytes.subarray(questionEnd + 9)],
      [...u16(padding), ...u16(12), ...u16(padding - 4), ...new Array(padding - 4).fill(0)],
    );
  }
});

Deno.test("every letter is a coin that falls on both sides", () => {
  const random = new SeededRandom(7);
  const capitals = new Array(17).fill(0);
  for (let i = 0; i < 400; i++) {
    const { bytes } = writeQuestion(QUESTION, 1, false, random);
    bytes.subarray(12, 29).forEach((byte, at) =>
      capitals[at] += byte >= 0x41 && byte <= 0x5a ? 1 : 0
    );
  }
  const letters = capitals.filter((_, at) => ![0, 4, 12, 16].includes(at));
  assert.equal(letters.length, 13);
  for (const count of letters) assert.ok(count > 120 && count < 280, `${count} of 400`);
});
