import assert from "node:assert/strict";
import fc from "fast-check";
import packet from "dns-packet";
import { Buffer } from "node:buffer";
import {
  readQuery,
  readResponse,
  ReplyBuffer,
  writeQuestion,
  writeReply,
} from "../../src/wire/mod.ts";
import { query, record, responseTo } from "../support/packets.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const sent = writeQuestion(
  { name: "api.example.com", type: 1 },
  0x4242,
  false,
  new SeededRandom(3),
);
const client = readQuery(query());

const byte = fc.integer({ min: 0, max: 255 });

/** A response whose records are partly right and partly noise. */
const anyResponse = fc.tuple(
  fc.array(
    fc.record({
      owner: fc.constantFrom<number[]>([0xc0, 12], [0xc0, 16], [1, 97, 0xc0, 12], [0xc0, 33], [0]),
      type: fc.constantFrom(1, 1, 5, 5, 6, 28, 39, 41, 65280),
      ttl: fc.constantFrom(0, 60, 0x80000000, 0xffffffff),
      data: fc.oneof(
        fc.array(byte, { minLength: 4, maxLength: 4 }),
        fc.array(byte, { maxLength: 40 }),
        fc.constantFrom([0xc0, 12], [1, 97, 0xc0, 16], [1, 98, 0]),
      ),
    }).map(({ owner, type, ttl, data }) => record(owner, type, ttl, data)),
    { maxLength: 6 },
  ),
  fc.array(fc.tuple(fc.nat(), byte), { maxLength: 2 }),
).map(([answer, changes]) => {
  const bytes = responseTo(sent.bytes, sent.questionEnd, { answer });
  for (const [at, value] of changes) bytes[at % bytes.length] = value;
  return bytes;
});

Deno.test("no response makes the reader throw, and every reply that follows can be read", () => {
  if (client.kind !== "query") assert.fail();
  const out = new ReplyBuffer();
  fc.assert(
    fc.property(anyResponse, (bytes) => {
      const read = readResponse(bytes, sent);
      if (read.kind !== "answer") return;
      const reply = writeReply(out, client, read.answer, 65535, 0, 1);
      const decoded = packet.decode(Buffer.from(reply));
      assert.equal(decoded.questions?.[0]?.name, "api.example.com");
      for (const record of decoded.answers ?? []) assert.match(record.type, /^(A|CNAME)$/);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("a response with any single byte of its header or question changed is never an answer", () => {
  const good = responseTo(sent.bytes, sent.questionEnd, {
    answer: [record([0xc0, 12], 1, 60, [192, 0, 2, 1])],
  });
  const harmless = 3; // RA, Z, AD, CD and the RCODE
  for (let at = 0; at < sent.questionEnd; at++) {
    if (at === harmless || (at >= 8 && at < 12)) continue;
    for (let value = 0; value < 256; value++) {
      if (value === good[at]) continue;
      const bytes = good.slice();
      bytes[at] = value;
      const isFlagOnly = at === 2 && (value & 0xfa) === (good[2]! & 0xfa); // AA and RD
      const read = readResponse(bytes, sent);
      if (!isFlagOnly) {
        assert.notEqual(read.kind === "answer" && read.answer.data.length > 0, true, `${at}`);
      }
    }
  }
});

/** Sets of A records: few addresses, so that some are the same. */
const anySet = fc.array(fc.tuple(fc.constantFrom(9, 10, 200), byte), {
  maxLength: 400,
  size: "max",
});

Deno.test("an answer is the same whatever order its records came in, sorted, without duplicates", () => {
  const order = fc.infiniteStream(fc.nat());
  fc.assert(
    fc.property(anySet, order, (set, numbers) => {
      const read = (addresses: typeof set): Uint8Array[] => {
        const answer = addresses.map(([a, b]) => record([0xc0, 12], 1, 60, [a, 0, 0, b]));
        const got = readResponse(responseTo(sent.bytes, sent.questionEnd, { answer }), sent);
        return got.kind === "answer" ? [...got.answer.data] : assert.fail(got.kind);
      };
      const keys = numbers[Symbol.iterator]();
      const shuffled = set.map((one) => ({ one, key: keys.next().value! }))
        .sort((a, b) => a.key - b.key).map(({ one }) => one);
      const data = read(set);
      assert.deepEqual(read(shuffled), data);
      const values = data.map((address) => address[0]! * 256 + address[3]!);
      const expected = [...new Set(set.map(([a, b]) => a * 256 + b))].sort((a, b) => a - b);
      assert.deepEqual(values, expected.slice(0, 256));
    }),
    { numRuns: 300, endOnFailure: true },
  );
});
