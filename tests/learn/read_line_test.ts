import assert from "node:assert/strict";
import fc from "fast-check";
import { readLine } from "../../src/learn/read_line.ts";
import { formatJson, formatText, type QueryEvent } from "../../src/observe/mod.ts";
import { typeNumber } from "../../src/wire/mod.ts";

const NOW = Date.UTC(2026, 11, 1);
const AT = Date.UTC(2026, 10, 29, 8, 20, 59);

const BARE: readonly [line: string, told: readonly [name: string | undefined, type: string]][] = [
  ["query[A] www.example.net from 10.0.0.7", ["www.example.net", "A"]],
  ["7 10.0.0.7/36469 query[AAAA] Mixed.Example.NET from 10.0.0.7", ["mixed.example.net", "AAAA"]],
  ["query[type=65400] www.example.net from 10.0.0.7", ["www.example.net", "TYPE65400"]],
  ["query[A] <name unprintable> from 10.0.0.7", [undefined, "A"]],
  [
    "query[A] query[A] x.example.net from 10.9.9.9 from 10.0.0.7",
    ["query\\091a\\093\\032x.example.net\\032from\\03210.9.9.9", "A"],
  ],
  ["[9:0] info: 10.0.0.7 www.example.net. HTTPS IN", ["www.example.net", "HTTPS"]],
  ["unbound[9:0] query: 10.0.0.7 . NS IN", [".", "NS"]],
  ["Drop packet www.example.net A from 10.0.0.7, reason unlisted", ["www.example.net", "A"]],
  [
    "Learn, forward a.example A from 10.0.0.7, by quad9, NOERROR, 12 ms, reason unlisted, rule [learn]",
    ["a.example", "A"],
  ],
  ["Learn, serve a.example AAAA from 10.0.0.7, reason unlisted", ["a.example", "AAAA"]],
  [
    "matches, forward a.example MX from 10.0.0.7, by quad9, NOERROR, 12 ms, reason unlisted",
    ["a.example", "MX"],
  ],
  [
    "Learn, serve a.example A from 10.0.0.7, kept from quad9, NOERROR, reason unlisted",
    ["a.example", "A"],
  ],
  [
    '{"time":"2026-11-29T08:20:59.000Z","event":"query","client":"10.0.0.7","name":"a.example","type":"A","verdict":"drop","reason":"unlisted"}',
    ["a.example", "A"],
  ],
];

const PREFIXES: readonly [prefix: string, time: number | undefined][] = [
  ["", undefined],
  ["<4>", undefined],
  ["Nov 29 08:20:59 ", AT],
  ["Nov 29 08:20:59 gateway dnsmasq[13]: ", AT],
  ["Nov 29 08:20:59 dnsmasq[13]: ", AT],
  ["2026-11-29T08:20:59.000Z gateway fw-dns[7]: ", AT],
  ["2026-11-29T10:20:59+0200 gateway fw-dns[7]: <4>", AT],
  ["2026-11-29 08:20:59,000 ", AT],
  ["[1795940459] ", AT],
  ["fw-dns-1  | ", undefined],
];

for (const [bare, [name, type]] of BARE) {
  Deno.test(`a look-up, whatever stands in front of it: ${bare}`, () => {
    for (const [prefix, time] of PREFIXES) {
      const line = readLine(prefix + bare, NOW);
      assert.ok(line.kind === "look-up", prefix);
      const { lookUp } = line;
      assert.deepEqual(
        [lookUp.name, lookUp.type, lookUp.client],
        [name, typeNumber(type), "10.0.0.7"],
      );
      assert.equal(lookUp.time, bare.startsWith("{") ? AT : time, prefix);
    }
  });
}

Deno.test("an entry of the journal as JSON is read for the line in it, and for its time", () => {
  const entry = (message: string): string =>
    JSON.stringify({ __REALTIME_TIMESTAMP: `${AT}000`, MESSAGE: message });
  const line = readLine(entry("Drop packet a.example A from ::1, reason unlisted"), NOW);
  assert.ok(line.kind === "look-up");
  assert.deepEqual([line.lookUp.name, line.lookUp.time], ["a.example", AT]);
  assert.equal(readLine(entry(entry("query[A] a.example from ::1")), NOW).kind, "unknown");
});

Deno.test("a time that is none is no time, whoever wrote it into the journal", () => {
  for (const stamp of ["1e300", "soon", "", null, 17, { toString: 1 }]) {
    const line = readLine(
      JSON.stringify({ __REALTIME_TIMESTAMP: stamp, MESSAGE: "query[A] a.example from ::1" }),
      NOW,
    );
    assert.ok(line.kind === "look-up");
    assert.equal(line.lookUp.time, undefined, JSON.stringify(stamp));
  }
});

const NONE: readonly [line: string, kind: "other" | "unknown"][] = [
  ["", "unknown"],
  ["Nov 29 08:20:59 gateway sshd[1]: Accepted publickey for root", "unknown"],
  ["{", "unknown"],
  ["{}", "unknown"],
  ["null", "unknown"],
  ['{"event":"query","name":7,"type":"A"}', "other"],
  ['{"event":"start","rules":7}', "other"],
  [
    '{"event":"query","name":"a.example","type":"A","client":{"toString":1},"reason":"unlisted"}',
    "other",
  ],
  [
    '{"event":"query","name":"a.example","type":"A","client":"::1","reason":{"toString":1}}',
    "other",
  ],
  ["Nov 29 08:20:59 dnsmasq[13]: reply www.example.net is 192.0.2.1", "other"],
  [
    "Nov 29 08:20:59 dnsmasq[13]: config query[A] x.example.net from 10.9.9.9 is 127.0.0.1",
    "other",
  ],
  ["Nov 29 08:20:59 dnsmasq[13]: query[A] x.example.net from somebody", "other"],
  ["Nov 29 08:20:59 dnsmasq[13]: query[A] x.example.net from 10.0.0.7 and more", "other"],
  ["[1795940459] unbound[9:0] info: server stats for thread 0: 15 queries", "other"],
  ["[1795940459] unbound[9:0] info: 10.0.0.7 version.bind. TXT CH", "other"],
  ["[1795940459] unbound[9:0] error: 10.0.0.7 x.example. A IN", "other"],
  ["matches, forward a.example A from 10.0.0.7, by quad9, NOERROR, 12 ms", "other"],
  ["Drop packet (no name) from 10.0.0.7, reason malformed", "other"],
  ["Drop packet a.example A from 10.0.0.9, reason client", "other"],
  ["Listening on 127.0.0.1:53", "other"],
  ["Metrics and the status page are at http://127.0.0.1:9153/", "other"],
  ["Alarm: client ::1 tried to move about 2 kB to a.example (9 names in 1 s)", "other"],
];

for (const [line, kind] of NONE) {
  Deno.test(`no look-up to allow: ${line}`, () => {
    assert.equal(readLine(line, NOW).kind, kind);
  });
}

Deno.test("a reply is known as one, so that a log of both counts once", () => {
  const line = readLine("[9:0] info: 10.0.0.7 a.example. A IN NOERROR 0.000000 1 60", NOW);
  assert.ok(line.kind === "look-up" && line.lookUp.isReply);
});

Deno.test("without a year a time is the last one that it can be", () => {
  const line = readLine(
    "Dec 31 23:59:59 dnsmasq[1]: query[A] a.example from ::1",
    Date.UTC(2027, 0, 1),
  );
  assert.ok(line.kind === "look-up");
  assert.equal(line.lookUp.time, Date.UTC(2026, 11, 31, 23, 59, 59));
});

const NAME = fc.stringMatching(/^([a-z0-9_-]|\\0[0-9]{2}){1,9}(\.[a-z0-9_-]{1,9}){0,3}$/);
const EVENT: fc.Arbitrary<QueryEvent> = fc.record({
  event: fc.constant("query" as const),
  client: fc.constantFrom("10.0.0.7", "fd00::7"),
  name: NAME,
  type: fc.constantFrom("A", "AAAA", "TYPE65280"),
  verdict: fc.constantFrom("forward", "serve", "nodata", "drop", "refuse", "nxdomain", "servfail"),
  reason: fc.constantFrom("unlisted", "type", "listed", "expired", "budget"),
  rule: fc.option(fc.constant("*.example"), { nil: undefined }),
  upstream: fc.option(fc.constant("quad9"), { nil: undefined }),
  ms: fc.option(fc.nat(99), { nil: undefined }),
});

Deno.test("whatever fw-dns logs of a query is read back, as text and as JSON", () => {
  fc.assert(fc.property(EVENT, (event) => {
    for (const text of [formatText(event), formatJson(event, AT)]) {
      const line = readLine(text, NOW);
      if (event.reason === "listed") {
        assert.equal(line.kind, "other");
        continue;
      }
      assert.ok(line.kind === "look-up", text);
      const { name, client, type, isListed } = line.lookUp;
      assert.deepEqual(
        [name, client, type, isListed],
        [
          event.name,
          event.client,
          typeNumber(event.type!),
          event.reason === "type" || event.reason === "expired",
        ],
      );
    }
  }));
});

Deno.test("a name that a client chose never makes a look-up of another name, type or client", () => {
  const bytes = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((text) =>
    !text.includes("\n")
  );
  const attack = fc.oneof(
    bytes,
    fc.tuple(bytes, fc.constantFrom(...BARE.map(([line]) => line)), bytes).map((parts) =>
      parts.join("")
    ),
  );
  fc.assert(fc.property(attack, (name) => {
    const line = readLine(`Nov 29 08:20:59 dnsmasq[13]: query[TXT] ${name} from 10.6.6.6`, NOW);
    if (line.kind !== "look-up") return;
    assert.deepEqual([line.lookUp.client, line.lookUp.type], ["10.6.6.6", typeNumber("TXT")]);
    assert.match(line.lookUp.name ?? "", /^([a-z0-9_.-]|\\\d{3})*$/);
  }));
});
