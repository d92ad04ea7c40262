import assert from "node:assert/strict";
import packet from "dns-packet";
import {
  type Answer,
  encodeName,
  isMadeHere,
  localAnswer,
  negativeAnswer,
  type Query,
  RCODE,
  readQuery,
  ReplyBuffer,
  writeQuestion,
  writeReply,
} from "../../src/wire/mod.ts";
import {
  opt,
  query,
  type QueryFields,
  record,
  responseTo,
  u32,
  wireName,
} from "../support/packets.ts";
import { SeededRandom } from "../support/seeded_random.ts";

/** How an answer is told. */
interface Telling {
  readonly limit?: number;
  readonly age?: number;
  readonly turn?: number;
}

function ask(fields: QueryFields = {}): Query {
  const read = readQuery(query(fields));
  if (read.kind === "malformed") assert.fail(read.problem);
  return read;
}

function write(
  asked: Query,
  answer: Answer,
  { limit = 1232, age, turn }: Telling = {},
): Uint8Array {
  const out = new ReplyBuffer();
  out.bytes.fill(0xee);
  return writeReply(out, asked, answer, limit, age, turn);
}

// deno-lint-ignore no-explicit-any
function decode(reply: Uint8Array): any {
  return packet.decode(Buffer.from(reply));
}

function addresses(count: number): Answer {
  const data = Array.from({ length: count }, (_, i) => Uint8Array.of(192, 0, 2, i));
  return { rcode: 0, chain: [], data, ttl: 60, authenticated: true };
}

import { Buffer } from "node:buffer";

Deno.test("a reply has the query's ID, its question to the letter, and RD, CD as they were", () => {
  const reply = write(ask({ id: 0xbeef, name: "Api.EXAMPLE.com", flags: 0x0110 }), addresses(1));
  const got = decode(reply);
  assert.equal(got.id, 0xbeef);
  assert.equal(got.questions[0].name, "Api.EXAMPLE.com");
  assert.deepEqual([got.flag_qr, got.flag_rd, got.flag_ra, got.flag_cd, got.flag_ad, got.flag_aa], [
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  assert.equal(got.answers[0].data, "192.0.2.0");
});

Deno.test("AD is told to those who ask for it", () => {
  assert.equal(decode(write(ask({ flags: 0x0120 }), addresses(1))).flag_ad, true);
  assert.equal(decode(write(ask(), addresses(1))).flag_ad, false);
});

Deno.test("a CNAME chain leads from the question to the data", () => {
  const answer = { ...addresses(1), chain: [encodeName("a.example"), encodeName("b.example")] };
  const got = decode(write(ask(), answer));
  assert.deepEqual(
    got.answers.map((
      one: { name: string; type: string; data: string },
    ) => [one.name, one.type, one.data]),
    [
      ["api.example.com", "CNAME", "a.example"],
      ["a.example", "CNAME", "b.example"],
      ["b.example", "A", "192.0.2.0"],
    ],
  );
});

Deno.test("the age is taken off the TTL, down to 0", () => {
  const ttl = (age: number): number => decode(write(ask(), addresses(1), { age })).answers[0].ttl;
  assert.deepEqual([0, 59, 60, 61].map(ttl), [60, 1, 0, 0]);
});

Deno.test("the records are turned by one from reply to reply", () => {
  const first = (turn: number): string =>
    decode(write(ask(), addresses(3), { turn })).answers[0].data;
  assert.deepEqual([0, 1, 2, 3].map(first), ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.0"]);
});

Deno.test("NODATA has an SOA at the asked name", () => {
  const got = decode(write(ask(), negativeAnswer(0, 10)));
  assert.equal(got.rcode, "NOERROR");
  assert.equal(got.answers.length, 0);
  const [soa] = got.authorities;
  assert.deepEqual([soa.name, soa.type, soa.ttl, soa.data.minimum], [
    "api.example.com",
    "SOA",
    10,
    10,
  ]);
});

Deno.test("NXDOMAIN has an SOA at the name above, the root included", () => {
  const owner = (name: string): string =>
    decode(write(ask({ name }), negativeAnswer(3, 10))).authorities[0].name;
  assert.equal(owner("api.example.com"), "example.com");
  assert.equal(owner("com"), ".");
  assert.equal(owner("."), ".");
});

Deno.test("REFUSED and SERVFAIL have no records", () => {
  for (const rcode of [2, 5]) {
    const got = decode(write(ask(), negativeAnswer(rcode, 0)));
    assert.equal(got.answers.length + got.authorities.length + got.additionals.length, 0);
  }
});

Deno.test("an OPT is answered with an OPT, with DO as it was and the error's number", () => {
  const blocked = negativeAnswer(5, 0, 15);
  assert.equal(decode(write(ask(), blocked)).additionals.length, 0);
  const [got] = decode(write(ask({ rest: opt({ flags: 0xffff }) }), blocked)).additionals;
  assert.deepEqual([got.type, got.udpPayloadSize, got.ednsVersion, got.flags], [
    "OPT",
    1232,
    0,
    0x8000,
  ]);
  assert.equal(got.options[0].code, 15);
  assert.deepEqual([...got.options[0].data], [0, 15]);
});

Deno.test("what is larger than the limit goes without records, but with TC and the OPT", () => {
  const asked = ask({ rest: opt() });
  const whole = write(asked, addresses(20));
  assert.equal(decode(write(asked, addresses(20), { limit: whole.length })).flag_tc, false);
  const cut = decode(write(asked, addresses(20), { limit: whole.length - 1 }));
  assert.deepEqual([cut.flag_tc, cut.answers.length, cut.additionals.length], [true, 0, 1]);
  assert.equal(cut.rcode, "NOERROR");
});

Deno.test("the longest name is answered in all shapes", () => {
  const name = [...new Array(127).fill([1, 97]).flat(), 0];
  for (
    const answer of [
      addresses(1),
      negativeAnswer(3, 10),
      negativeAnswer(0, 10),
      localAnswer(encodeName("x"), 1),
    ]
  ) {
    const reply = write(ask({ name }), answer);
    assert.equal(decode(reply).questions[0].name.length, 253);
  }
});

Deno.test("the largest set that is kept, at the end of the longest chain, fits in a reply", () => {
  const name = [61, 63, 63, 63].flatMap((length) => [length, ...new Array(length).fill(97)]);
  const longest = Uint8Array.from([...name, 0]);
  assert.equal(longest.length, 255);
  const data = Array.from({ length: 256 }, (_, i) => new Uint8Array(64).fill(i));
  const chain = new Array(16).fill(longest);
  const answer = { rcode: 0, chain, data, ttl: 60, authenticated: true, extendedError: 3 };
  const asked = ask({ name: [...longest], type: 65280, rest: opt() });
  const reply = write(asked, answer, { limit: 65535 });
  assert.ok(reply.length < 32768, `${reply.length}`);
  const { flag_tc, answers } = decode(reply);
  assert.deepEqual([flag_tc, answers.length], [false, 16 + 256]);
});

Deno.test("a negative answer shows that fw-dns made it, and no other message does", () => {
  const sent = writeQuestion({ name: "canary.example", type: 1 }, 7, false, new SeededRandom(1));
  const asked = readQuery(sent.bytes);
  if (asked.kind === "malformed") assert.fail(asked.problem);
  for (const rcode of [RCODE.NXDOMAIN, RCODE.NOERROR]) {
    const own = write(asked, negativeAnswer(rcode, 10));
    assert.equal(isMadeHere(own, sent), true);
    assert.equal(isMadeHere(own.subarray(0, own.length - 1), sent), false, "cut short");
    assert.equal(isMadeHere(own, { ...sent, id: 8 }), false, "for another question");
  }
  assert.equal(isMadeHere(write(asked, negativeAnswer(RCODE.REFUSED, 10)), sent), false);
  assert.equal(isMadeHere(write(asked, addresses(1)), sent), false);
  const soa = [...wireName("ns.example"), ...wireName("root.example"), ...u32(1), ...u32(1)];
  const authority = [record("example", 6, 60, [...soa, ...u32(1), ...u32(1), ...u32(1)])];
  const others = responseTo(sent.bytes, sent.questionEnd, { authority, rcode: 3 });
  assert.equal(isMadeHere(others, sent), false);
  assert.equal(isMadeHere(new Uint8Array(3), sent), false);
});
