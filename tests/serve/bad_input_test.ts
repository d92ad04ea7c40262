/**
 * Everything that a hostile client can put into a packet, one named case each: what it gets, and that the
 * upstream sees nothing of it but a clean question for a listed pair.
 */

import assert from "node:assert/strict";
import packet from "dns-packet";
import { Buffer } from "node:buffer";
import {
  hex,
  opt,
  type OptFields,
  option,
  query,
  type QueryFields,
  wireLabel,
  wireName,
} from "../support/packets.ts";
import { type Firewall, withFirewall } from "../support/firewall.ts";

const [A, NULL, TXT, ANY] = [1, 10, 16, 255];

/** What a case comes to: nothing; an answer with data; an empty answer with an SOA. */
type Expected = "dropped" | "answered" | "nodata";

interface Case {
  readonly what: string;
  readonly packet: Uint8Array;
  readonly expected: Expected;
  /** The reason in the log. */
  readonly reason: string;
}

function make(
  what: string,
  fields: QueryFields | Uint8Array,
  expected: Expected,
  reason: string,
): Case {
  return { what, packet: fields instanceof Uint8Array ? fields : query(fields), expected, reason };
}

function malformed(what: string, fields: QueryFields | Uint8Array): Case {
  return make(what, fields, "dropped", "malformed");
}

function answered(what: string, fields: QueryFields): Case {
  return make(what, fields, "answered", "listed");
}

function withOpt(fields: OptFields): QueryFields {
  return { rest: opt(fields) };
}

const PLAIN = query();

const FRAMING: Case[] = [
  ...Array.from({ length: 12 }, (_, n) => malformed(`${n} bytes`, PLAIN.slice(0, n))),
  malformed("bytes after the end", Uint8Array.from([...PLAIN, 0])),
  malformed(
    "4,000 bytes after the end",
    Uint8Array.from([...PLAIN, ...new Array(4000).fill(0x41)]),
  ),
  malformed("65,000 bytes of a packet", new Uint8Array(65_000)),
];

const HEADER: Case[] = [
  malformed("QR=1", { flags: 0x8100 }),
  ...Array.from(
    { length: 15 },
    (_, n) => malformed(`opcode ${n + 1}`, { flags: ((n + 1) << 11) | 0x0100 }),
  ),
  ...[0, 2, 65535].map((n) => malformed(`QDCOUNT ${n}`, { counts: [n, 0, 0, 0] })),
  malformed("ANCOUNT 1", { counts: [1, 1, 0, 0] }),
  malformed("NSCOUNT 1", { counts: [1, 0, 1, 0] }),
  malformed("a record in answer", {
    counts: [1, 1, 0, 0],
    rest: [...wireName("x"), 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4],
  }),
  malformed("IXFR's record in authority", {
    counts: [1, 0, 1, 0],
    type: 251,
    rest: [0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0],
  }),
  malformed("ARCOUNT 2", { counts: [1, 0, 0, 2], rest: [...opt(), ...opt()] }),
  malformed("ARCOUNT 65535", { counts: [1, 0, 0, 65535], rest: opt() }),
  ...Object.entries({ TC: 0x0200, AA: 0x0400, RA: 0x0080, Z: 0x0040, AD: 0x0020, CD: 0x0010 })
    .map(([flag, bit]) => answered(`flag ${flag}`, { flags: 0x0100 | bit })),
  answered("RD=0", { flags: 0 }),
  answered("RCODE 15", { flags: 0x010f }),
];

const NAMES: Case[] = [
  malformed("a pointer to itself", { name: [0xc0, 12] }),
  malformed("a pointer forward", { name: [0xc0, 18] }),
  malformed("a pointer past the end", { name: [0xff, 0xff] }),
  malformed("a pointer into the header", { name: [0xc0, 0] }),
  malformed("a chain of 200 pointers", {
    name: Array.from({ length: 200 }, (_, i) => [0xc0, 14 + i * 2]).flat(),
  }),
  malformed("label type 0x40", { name: [0x43, ...wireName("api").slice(1)] }),
  malformed("label type 0x80", { name: [0x83, ...wireName("api").slice(1)] }),
  malformed("a label of 64", {
    name: [64, ...new Array(64).fill(97), ...wireName("wild.example")],
  }),
  malformed("256 bytes in all", {
    name: [...new Array(120).fill([1, 97]).flat(), ...wireName("b.wild.example")],
  }),
  make("the root", { name: "." }, "dropped", "unlisted"),
  ...[..."\0.\\\n\x1b%& "].map((odd) =>
    make(
      `byte ${odd.charCodeAt(0)} inside a label below a wildcard`,
      {
        name: [...wireLabel(`a${odd}b`), ...wireName("wild.example")],
      },
      "dropped",
      "malformed",
    )
  ),
  ...[..."\0.\\\n\x1b%& "].map((odd) =>
    make(
      `byte ${odd.charCodeAt(0)} inside a listed name`,
      {
        name: [...wireLabel(`api${odd}`), ...wireName("example.com")],
      },
      "dropped",
      "unlisted",
    )
  ),
  make(
    "a dot inside a label that looks like a listed name",
    {
      name: [...wireLabel("api.example"), ...wireName("com")],
    },
    "dropped",
    "unlisted",
  ),
  answered("mixed case", { name: "aPI.eXamPLE.cOm" }),
  make(
    "a listed name below another domain",
    { name: "api.example.com.evil.example" },
    "dropped",
    "unlisted",
  ),
  make("a name that ends like a listed one", { name: "notapi.example.com" }, "dropped", "unlisted"),
  make(
    "a name that ends like a listed one, without a dot",
    { name: "xapi.example.com" },
    "dropped",
    "unlisted",
  ),
  make("a name below an exact one", { name: "sub.api.example.com" }, "dropped", "unlisted"),
  make("the name above a listed one", { name: "example.com" }, "dropped", "unlisted"),
  make("two labels below a wildcard of one", { name: "a.b.wild.example" }, "dropped", "unlisted"),
  make("the name of the wildcard itself", { name: "wild.example" }, "dropped", "unlisted"),
  answered("one label below a wildcard", { name: "a-b_9.wild.example" }),
];

const TYPES: Case[] = [
  ...Object.entries({
    ANY,
    AXFR: 252,
    IXFR: 251,
    OPT: 41,
    TSIG: 250,
    TKEY: 249,
    NULL,
    TXT,
    MX: 15,
    HTTPS: 65,
    zero: 0,
    top: 65535,
  })
    .flatMap(([name, type]) => [
      make(`type ${name} of a listed name`, { type }, "nodata", "type"),
      make(
        `type ${name} of an unlisted name`,
        { type, name: "evil.example" },
        "dropped",
        "unlisted",
      ),
    ]),
  ...Object.entries({ CH: 3, HS: 4, NONE: 254, ANY: 255, zero: 0 }).map(([name, value]) =>
    malformed(`class ${name}`, { class: value })
  ),
  malformed("version.bind in class CH", { name: "version.bind", type: TXT, class: 3 }),
];

const EDNS: Case[] = [
  malformed("two OPTs", { counts: [1, 0, 0, 2], rest: [...opt(), ...opt()] }),
  malformed("two OPTs, of which one is counted", { rest: [...opt(), ...opt()] }),
  malformed("OPT not at the root", withOpt({ owner: wireName("x") })),
  malformed("TSIG in additional", withOpt({ type: 250 })),
  malformed("A in additional", withOpt({ type: A })),
  ...[1, 2, 128, 255].map((version) => malformed(`EDNS version ${version}`, withOpt({ version }))),
  malformed("RDLEN beyond the end", withOpt({ length: 100 })),
  malformed("RDLEN before the end", withOpt({ options: option(10, [1, 2]), length: 0 })),
  malformed("an option longer than what is left", withOpt({ options: [0, 10, 0, 200, 1, 2] })),
  malformed("half an option", withOpt({ options: [0, 10, 0] })),
  answered(
    "thousands of options",
    withOpt({ options: new Array(3000).fill(option(65001, [1])).flat() }),
  ),
  answered("ECS with a scope", withOpt({ options: option(8, [0, 1, 24, 24, 203, 0, 113]) })),
  ...[0, 7, 8, 9, 40, 41].map((n) =>
    answered(`a cookie of ${n} bytes`, withOpt({ options: option(10, new Array(n).fill(7)) }))
  ),
  answered(
    "padding with data",
    withOpt({ options: option(12, [..."a secret"].map((c) => c.charCodeAt(0))) }),
  ),
  answered("payload size 0", withOpt({ size: 0 })),
  answered("payload size 64", withOpt({ size: 64 })),
  answered("payload size 65535", withOpt({ size: 65535 })),
  answered("DO, Z and an extended RCODE", withOpt({ flags: 0xffff, extendedRcode: 255 })),
];

const QUESTIONS: Case[] = [
  malformed("two questions, the allowed one first", {
    counts: [2, 0, 0, 0],
    rest: [...wireName("evil.example"), 0, 1, 0, 1],
  }),
  malformed("two questions, the second by a pointer to the first", {
    counts: [2, 0, 0, 0],
    rest: [0xc0, 12, 0, 1, 0, 1],
  }),
  malformed("two questions, of which one is counted", {
    counts: [1, 0, 0, 0],
    rest: [...wireName("evil.example"), 0, 1, 0, 1],
  }),
];

/** Every question upstream must be clean: one of the listed pairs, and nothing but our own words around it. */
function assertClean(asked: Uint8Array): void {
  const decoded = packet.decode(Buffer.from(asked));
  const [question] = decoded.questions!;
  const name = question!.name.toLowerCase();
  assert.ok(name === "api.example.com" || /^[a-z0-9_-]+\.wild\.example$/.test(name), name);
  const end = 12 + wireName(name).length + 4;
  assert.equal(hex(asked.subarray(2, 12)), "01200001000000000001");
  assert.equal(hex(asked.subarray(end)), "00002904d0000000000000");
}

async function check(firewall: Firewall, { packet: sent, expected, reason }: Case): Promise<void> {
  const before = firewall.upstream.seen.length;
  const index = firewall.recorder.queries.length;
  const reply = await firewall.ask(sent);
  const event = firewall.recorder.queries[index]!;
  assert.equal(event.reason, reason);
  const seen = firewall.upstream.seen.slice(before);
  seen.forEach(assertClean);
  if (expected === "dropped") return assert.deepEqual([reply, seen], [undefined, []]);
  const decoded = packet.decode(Buffer.from(reply!));
  assert.equal(decoded.id, (sent[0]! << 8) | sent[1]!);
  if (expected === "answered") {
    return assert.deepEqual([decoded.answers!.length, seen.length], [1, 1]);
  }
  assert.deepEqual([decoded.answers!.length, decoded.authorities![0]!.type, seen], [0, "SOA", []]);
}

const GROUPS = {
  framing: FRAMING,
  header: HEADER,
  name: NAMES,
  "type and class": TYPES,
  EDNS,
  questions: QUESTIONS,
};

for (const [group, cases] of Object.entries(GROUPS)) {
  Deno.test(`bad input, ${group}`, async (t) => {
    await withFirewall(async (firewall) => {
      for (const one of cases) {
        await t.step(
          `${one.what}: ${one.expected}`,
          // A name is asked for upstream once in a floor: each of these has a firewall of its own.
          () =>
            one.expected === "answered"
              ? withFirewall((own) => check(own, one))
              : check(firewall, one),
        );
      }
      await t.step("and it still serves", async () => {
        const decoded = packet.decode(Buffer.from(await firewall.answer("api.example.com")));
        assert.equal(decoded.answers!.length, 1);
      });
    });
  });
}
