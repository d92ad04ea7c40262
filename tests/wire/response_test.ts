import assert from "node:assert/strict";
import { nameText, readResponse, type ResponseRead, writeQuestion } from "../../src/wire/mod.ts";
import { record, responseTo, type Sections, u16, u32, wireName } from "../support/packets.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const A = 1, NS = 2, CNAME = 5, SOA = 6, MX = 15, AAAA = 28, DNAME = 39;
const QNAME = [0xc0, 12];
const sent = writeQuestion(
  { name: "api.example.com", type: A },
  0x4242,
  false,
  new SeededRandom(3),
);

function read(sections: Sections, type = A): ResponseRead {
  const asked = type === A
    ? sent
    : writeQuestion({ name: "api.example.com", type }, 0x4242, false, new SeededRandom(3));
  return readResponse(responseTo(asked.bytes, asked.questionEnd, sections), asked);
}

function answerOf(
  sections: Sections,
  type = A,
): Extract<ResponseRead, { kind: "answer" }>["answer"] {
  const got = read(sections, type);
  if (got.kind !== "answer") assert.fail(JSON.stringify(got));
  return got.answer;
}

function dataOf(sections: Sections, type = A): string[] {
  return answerOf(sections, type).data.map((data) => data.join("."));
}

function soa(owner: string, ttl: number, minimum: number): number[] {
  const data = [
    ...wireName("ns.x"),
    ...wireName("root.x"),
    ...[1, 2, 3, 4].flatMap(u32),
    ...u32(minimum),
  ];
  return record(owner, SOA, ttl, data);
}

Deno.test("the asked records are kept, in canonical order: as unsigned bytes, the shorter first", () => {
  const addresses = ["192.0.2.9", "192.0.2.10", "9.0.0.1", "200.0.0.1", "127.0.0.1"];
  const answer = addresses.map((one) => record(QNAME, A, 60, one.split(".").map(Number)));
  const sorted = ["9.0.0.1", "127.0.0.1", "192.0.2.9", "192.0.2.10", "200.0.0.1"];
  assert.deepEqual(dataOf({ answer }), sorted);
  assert.deepEqual(dataOf({ answer: answer.toReversed() }), sorted);
  const data = [[1, 0], [], [255], [1], [1, 0, 0], [0, 255]];
  const others = data.map((one) => record(QNAME, 65280, 60, one));
  assert.deepEqual(dataOf({ answer: others }, 65280), ["", "0.255", "1", "1.0", "1.0.0", "255"]);
});

Deno.test("whatever order and repetition the same records come in, the answer is the same", () => {
  const one = [1, 2, 3].map((i) => record(QNAME, A, 60, [192, 0, 2, i]));
  const same = answerOf({ answer: one });
  for (const order of [[2, 1, 0], [1, 1, 0, 2, 0], [2, 0, 1, 2]]) {
    assert.deepEqual(answerOf({ answer: order.map((i) => one[i]!) }), same);
  }
});

Deno.test("other owners, types, classes and sections are left out", () => {
  const answer = [
    record("evil.example", A, 60, [6, 6, 6, 6]),
    record(QNAME, AAAA, 60, new Array(16).fill(1)),
    record(QNAME, 46, 60, new Array(30).fill(1)),
    record(QNAME, DNAME, 60, wireName("evil.example")),
    record(QNAME, A, 60, [6, 6, 6, 6], 3),
    record(QNAME, A, 60, [192, 0, 2, 1]),
  ];
  const authority = [record("example.com", NS, 60, wireName("ns.evil.example"))];
  const additional = [record(QNAME, A, 60, [6, 6, 6, 6])];
  assert.deepEqual(dataOf({ answer, authority, additional }), ["192.0.2.1"]);
});

Deno.test("duplicates are left out, and the lowest TTL counts for all", () => {
  const answer = [
    record(QNAME, A, 90, [192, 0, 2, 1]),
    record(QNAME, A, 30, [192, 0, 2, 2]),
    record(QNAME, A, 60, [192, 0, 2, 1]),
  ];
  assert.deepEqual(dataOf({ answer }), ["192.0.2.1", "192.0.2.2"]);
  assert.equal(answerOf({ answer }).ttl, 30);
});

Deno.test("a TTL with its top bit set counts as 0", () => {
  for (
    const [ttl, expected] of [[0x7fffffff, 0x7fffffff], [0x80000000, 0], [0xffffffff, 0], [0, 0]]
  ) {
    assert.equal(answerOf({ answer: [record(QNAME, A, ttl!, [192, 0, 2, 1])] }).ttl, expected);
  }
});

Deno.test("a CNAME chain is followed, in whatever order it comes", () => {
  const answer = [
    record("b.example", A, 60, [192, 0, 2, 1]),
    record("a.example", CNAME, 20, wireName("B.example")),
    record(QNAME, CNAME, 40, wireName("a.EXAMPLE")),
  ];
  const got = answerOf({ answer });
  assert.deepEqual(got.chain.map(nameText), ["a.example", "b.example"]);
  assert.equal(got.data.length, 1);
  assert.equal(got.ttl, 20);
});

Deno.test("a CNAME target that points into the question is told in small letters", () => {
  const target = [...[3, 99, 100, 110], 0xc0, 16];
  const answer = [
    record(QNAME, CNAME, 60, target),
    record("cdn.example.com", A, 60, [192, 0, 2, 1]),
  ];
  assert.deepEqual([...answerOf({ answer }).chain[0]!], wireName("cdn.example.com"));
});

Deno.test("a chain without data at its end, or without an end, is NODATA", () => {
  const cases: readonly (readonly number[])[][] = [
    [record(QNAME, CNAME, 60, wireName("a.example"))],
    [record(QNAME, CNAME, 60, wireName("a.example")), record("a.example", CNAME, 60, QNAME)],
    [record(QNAME, CNAME, 60, QNAME)],
    [record("a.example", A, 60, [6, 6, 6, 6])],
  ];
  for (const answer of cases) {
    const got = answerOf({ answer });
    assert.deepEqual([got.rcode, got.data.length, got.chain.length], [0, 0, 0]);
  }
});

Deno.test("a chain of 16 is followed, one of 17 is not", () => {
  const chain = (links: number): (readonly number[])[] => [
    ...Array.from(
      { length: links },
      (_, i) =>
        record(
          i === 0 ? QNAME : wireName(`n${i}.example`),
          CNAME,
          60,
          wireName(`n${i + 1}.example`),
        ),
    ),
    record(`n${links}.example`, A, 60, [192, 0, 2, 1]),
  ];
  assert.deepEqual(dataOf({ answer: chain(16) }), ["192.0.2.1"]);
  assert.deepEqual(dataOf({ answer: chain(17) }), []);
});

Deno.test("names inside record data are told in full", () => {
  const answer = [record(QNAME, MX, 60, [...u16(10), ...[4, 109, 97, 105, 108], 0xc0, 16])];
  assert.deepEqual(
    [...answerOf({ answer }, MX).data[0]!],
    [...u16(10), ...wireName("mail.example.com")],
  );
});

Deno.test("NXDOMAIN and NODATA take their TTL from an SOA above the name", () => {
  for (const rcode of [0, 3]) {
    assert.equal(answerOf({ rcode, authority: [soa("example.com", 300, 120)] }).ttl, 120);
    assert.equal(answerOf({ rcode, authority: [soa("example.com", 60, 120)] }).ttl, 60);
    assert.equal(answerOf({ rcode, authority: [soa("evil.example", 300, 120)] }).ttl, 10);
    assert.equal(answerOf({ rcode, authority: [soa("ple.com", 300, 120)] }).ttl, 10);
    assert.equal(answerOf({ rcode }).ttl, 10);
    assert.equal(answerOf({ rcode }).rcode, rcode);
  }
});

Deno.test("NXDOMAIN at the end of a chain is NODATA: the asked name exists", () => {
  const got = answerOf({ rcode: 3, answer: [record(QNAME, CNAME, 60, wireName("gone.example"))] });
  assert.deepEqual([got.rcode, got.data.length], [0, 0]);
});

Deno.test("an SOA of another class, or too short, or with a MINIMUM beyond 2^31, sets no long TTL", () => {
  const other = record("example.com", SOA, 300, soa("x", 1, 99).slice(-38), 3);
  assert.equal(answerOf({ rcode: 3, authority: [other] }).ttl, 10);
  assert.equal(
    answerOf({ rcode: 3, authority: [record("example.com", SOA, 300, [0, 0, 9])] }).ttl,
    0,
  );
  assert.equal(answerOf({ rcode: 3, authority: [soa("example.com", 300, 0xffffffff)] }).ttl, 0);
});

Deno.test("an OPT that is not the only one, not at the root or not in additional spoils the message", () => {
  const root = [0, ...u16(41), ...u16(1232), 0, 0, ...u16(0), ...u16(0)];
  const named = [...wireName("x"), ...root.slice(1)];
  assert.equal(read({ additional: [root] }).kind, "answer");
  for (
    const sections of [{ additional: [root, root] }, { additional: [named] }, { answer: [root] }, {
      authority: [root],
    }]
  ) {
    assert.equal(read(sections).kind, "ignored");
  }
});

Deno.test("a type or class in other letters is another one: only names have case", () => {
  const asked = writeQuestion({ name: "api.example.com", type: 65 }, 1, false, new SeededRandom(3));
  const echoed = responseTo(asked.bytes, asked.questionEnd, {});
  echoed[asked.questionEnd - 3] = 97;
  assert.equal(readResponse(echoed, asked).kind, "ignored");
});

Deno.test("the rest of a SIG's data ends with the record, and the next one is its own", () => {
  const sig = [...new Array(18).fill(1), ...wireName("x"), 7, 7, 7];
  const answer = [record(QNAME, 24, 60, sig), record(QNAME, 24, 60, [...sig, 8])];
  assert.deepEqual(dataOf({ answer }, 24), [sig.join("."), [...sig, 8].join(".")]);
});

Deno.test("NXDOMAIN with data is NXDOMAIN without", () => {
  const got = answerOf({ rcode: 3, answer: [record(QNAME, A, 60, [192, 0, 2, 1])] });
  assert.deepEqual([got.rcode, got.data.length], [3, 0]);
});

for (const [name, rcode] of Object.entries({ FORMERR: 1, SERVFAIL: 2, NOTIMP: 4, REFUSED: 5 })) {
  Deno.test(`${name} is a failure, whatever comes with it`, () => {
    const answer = [record(QNAME, A, 60, [192, 0, 2, 1])];
    assert.deepEqual(read({ rcode, answer }), { kind: "failure", rcode });
  });
}

Deno.test("an extended RCODE is a failure", () => {
  const additional = [[0, ...u16(41), ...u16(1232), 1, 0, ...u16(0), ...u16(0)]];
  assert.deepEqual(read({ additional }), { kind: "failure", rcode: 16 });
});

Deno.test("a referral is a failure: that server does not resolve", () => {
  const authority = [record("com", NS, 60, wireName("ns.example"))];
  assert.equal(read({ authority }).kind, "failure");
});

Deno.test("TC asks for TCP, even with data", () => {
  const answer = [record(QNAME, A, 60, [192, 0, 2, 1])];
  assert.equal(read({ flags: 0x8380, answer }).kind, "truncated");
});

Deno.test("right in all but case asks for TCP, where case does not matter", () => {
  const good = responseTo(sent.bytes, sent.questionEnd, {
    answer: [record(QNAME, A, 60, [192, 0, 2, 1])],
  });
  const changed = good.slice();
  changed[13] = changed[13]! ^ 0x20;
  assert.equal(readResponse(changed, sent).kind, "case");
  assert.equal(readResponse(changed, sent, true).kind, "answer");
});

Deno.test("what is not ours is ignored", () => {
  const good = responseTo(sent.bytes, sent.questionEnd, {
    answer: [record(QNAME, A, 60, [192, 0, 2, 1])],
  });
  const change = (at: number, value: number): Uint8Array => {
    const bytes = good.slice();
    bytes[at] = value;
    return bytes;
  };
  const strangers: readonly [string, Uint8Array][] = [
    ["another ID", change(0, 0x43)],
    ["QR=0", change(2, 0x01)],
    ["another opcode", change(2, 0xa1)],
    ["no question", change(5, 0)],
    ["two questions", change(5, 2)],
    ["another name", change(13, 0x62)],
    ["another length", change(12, 4)],
    ["another type", change(sent.questionEnd - 3, 28)],
    ["another class", change(sent.questionEnd - 1, 3)],
    ["a header alone", good.slice(0, 12)],
    ["nothing", new Uint8Array()],
  ];
  for (const [what, bytes] of strangers) {
    assert.equal(readResponse(bytes, sent).kind, "ignored", what);
  }
});

Deno.test("a malformed record anywhere spoils the message", () => {
  const good = record(QNAME, A, 60, [192, 0, 2, 1]);
  const spoilers: readonly [string, Sections][] = [
    ["A of 3 bytes", { answer: [good, record(QNAME, A, 60, [1, 2, 3])] }],
    ["A of 5 bytes", { answer: [record(QNAME, A, 60, [1, 2, 3, 4, 5])] }],
    ["A of 0 bytes", { answer: [record(QNAME, A, 60, [])] }],
    ["CNAME with a byte too many", { answer: [record(QNAME, CNAME, 60, [...wireName("a"), 0])] }],
    ["CNAME to a pointer forward", { answer: [record(QNAME, CNAME, 60, [0xff, 0xff])] }],
    ["an owner that points to itself", {
      answer: [record([0xc0, sent.questionEnd], A, 60, [1, 2, 3, 4])],
    }],
    ["RDLENGTH past the end", { answer: [[...good.slice(0, -6), ...u16(9), 1, 2, 3, 4]] }],
    ["a broken record in additional", { answer: [good], additional: [[0xc0]] }],
    ["a byte after the end", { answer: [good], rest: [0] }],
  ];
  for (const [what, sections] of spoilers) assert.equal(read(sections).kind, "ignored", what);
  const fewer = responseTo(sent.bytes, sent.questionEnd, { answer: [good] });
  fewer[7] = 2;
  assert.equal(readResponse(fewer, sent).kind, "ignored", "fewer records than counted");
});

Deno.test("AAAA has 16 bytes, and an unknown type any number", () => {
  assert.equal(
    read({ answer: [record(QNAME, AAAA, 60, new Array(15).fill(1))] }, AAAA).kind,
    "ignored",
  );
  assert.equal(
    dataOf({ answer: [record(QNAME, AAAA, 60, new Array(16).fill(1))] }, AAAA).length,
    1,
  );
  assert.deepEqual(dataOf({ answer: [record(QNAME, 65280, 60, [1, 2, 3])] }, 65280), ["1.2.3"]);
});

Deno.test("a TXT holds one string or more, and an HINFO two: none of them is longer than the data", () => {
  for (const data of [[0], [1, 97], [1, 97, 0, 2, 98, 99]]) {
    assert.deepEqual(dataOf({ answer: [record(QNAME, 16, 60, data)] }, 16), [data.join(".")]);
  }
  for (const data of [[], [2, 97], [1, 97, 9], [1, 97, 2, 98]]) {
    assert.equal(read({ answer: [record(QNAME, 16, 60, data)] }, 16).kind, "ignored", `${data}`);
  }
  assert.equal(dataOf({ answer: [record(QNAME, 13, 60, [1, 97, 0])] }, 13).length, 1);
  assert.equal(read({ answer: [record(QNAME, 13, 60, [1, 97])] }, 13).kind, "ignored");
});

/** So many A records, the last address first. */
function addresses(count: number): number[][] {
  return Array.from(
    { length: count },
    (_, i) => record(QNAME, A, 60, [9, 0, (count - 1 - i) >> 8, (count - 1 - i) & 255]),
  );
}

Deno.test("a set that only compression makes fit into a message is no answer", () => {
  const label = [63, ...new Array(63).fill(97)];
  const long = [...label, ...label, ...label, 0];
  const first = record(QNAME, MX, 60, [...u16(0), ...long]);
  const pointer = u16(0xc000 | (sent.questionEnd + 2 + 10 + 2));
  const set = (count: number): Sections => ({
    answer: [
      first,
      ...Array.from(
        { length: count - 1 },
        (_, i) => record(QNAME, MX, 60, [...u16(i + 1), ...pointer]),
      ),
    ],
  });
  const most = Math.floor(65_535 / (2 + long.length));
  assert.equal(answerOf(set(most), MX).data[1]!.length, 2 + long.length);
  assert.deepEqual(read(set(most + 1), MX), { kind: "failure", rcode: 2 });
});

Deno.test("of more than 256 records the first in canonical order are kept", () => {
  const first = Array.from({ length: 256 }, (_, i) => `9.0.0.${i}`);
  for (const count of [256, 257, 4000]) {
    assert.deepEqual(dataOf({ answer: addresses(count) }), first);
  }
  assert.equal(dataOf({ answer: [...addresses(255), ...addresses(255)] }).length, 255);
});

Deno.test("a set that is cut is no longer authenticated, and its TTL is the whole set's", () => {
  const cut = answerOf({ flags: 0x81a0, answer: addresses(257) });
  assert.equal(cut.authenticated, false);
  assert.equal(answerOf({ flags: 0x81a0, answer: addresses(256) }).authenticated, true);
  const late = record(QNAME, A, 7, [200, 0, 0, 1]);
  assert.equal(answerOf({ answer: [...addresses(256), late] }).ttl, 7);
});

Deno.test("at most 16 KiB of data are kept: the records before the first that does not fit", () => {
  const texts = (...lengths: number[]): Sections => ({
    answer: lengths.map((length, i) => record(QNAME, 65280, 60, new Array(length).fill(i))),
  });
  const kept = (...lengths: number[]): number[] =>
    answerOf(texts(...lengths), 65280).data.map(({ length }) => length);
  assert.deepEqual(kept(16_384), [16_384]);
  assert.deepEqual(kept(16_000, 384), [16_000, 384]);
  assert.deepEqual(kept(16_000, 385), [16_000]);
  assert.deepEqual(kept(16_000, 385, 1), [16_000]);
  assert.deepEqual(kept(1, 16_384, 1), [1]);
});

Deno.test("where not even the first record fits there is no answer", () => {
  for (const length of [16_385, 65_000, 65_400]) {
    const large = record(QNAME, 65280, 60, new Array(length).fill(1));
    const small = record(QNAME, 65280, 60, [2]);
    const failure = { kind: "failure", rcode: 2 };
    assert.deepEqual(read({ answer: [large] }, 65280), failure);
    assert.deepEqual(read({ answer: [small, large] }, 65280), failure);
  }
});

Deno.test("a DNAME is neither followed nor told: the CNAME that comes with it is", () => {
  const answer = [
    record("example.com", DNAME, 60, wireName("elsewhere.example")),
    record("api.elsewhere.example", A, 60, [192, 0, 2, 1]),
  ];
  assert.deepEqual(dataOf({ answer }), []);
  const here = record(QNAME, DNAME, 60, wireName("api.elsewhere.example"));
  assert.deepEqual(dataOf({ answer: [...answer, here] }), []);
  const cname = record(QNAME, CNAME, 60, wireName("api.elsewhere.example"));
  const got = answerOf({ answer: [...answer, cname] });
  assert.deepEqual(got.chain.map(nameText), ["api.elsewhere.example"]);
  assert.equal(got.data.length, 1);
});

Deno.test("records of owners that the chain does not end at are left out", () => {
  const answer = [
    record(QNAME, CNAME, 60, wireName("a.example")),
    record("a.example", CNAME, 60, wireName("b.example")),
    record("b.example", A, 60, [192, 0, 2, 1]),
    record("c.example", A, 60, [6, 6, 6, 6]),
    record("example", A, 60, [6, 6, 6, 6]),
    record("x.b.example", A, 60, [6, 6, 6, 6]),
  ];
  assert.deepEqual(dataOf({ answer }), ["192.0.2.1"]);
});

Deno.test("a loop of CNAMEs ends without data, however it comes about", () => {
  const link = (from: string, to: string): number[] => record(from, CNAME, 60, wireName(to));
  for (
    const links of [
      [link("a.example", "a.example")],
      [link("a.example", "b.example"), link("b.example", "a.example")],
      [link("a.example", "api.example.com")],
      [link("a.example", "b.example"), link("b.example", "api.example.com")],
    ]
  ) {
    const answer = [record(QNAME, CNAME, 60, wireName("a.example")), ...links];
    const got = answerOf({ answer });
    assert.deepEqual([got.rcode, got.data, got.chain, got.ttl], [0, [], [], 10]);
  }
});

Deno.test("AD is passed on as it came", () => {
  const answer = [record(QNAME, A, 60, [192, 0, 2, 1])];
  assert.equal(answerOf({ flags: 0x81a0, answer }).authenticated, true);
  assert.equal(answerOf({ answer }).authenticated, false);
});
