import assert from "node:assert/strict";
import { judgeAnswer, judgesAlike, type Rule } from "../../src/policy/mod.ts";
import type { Answer } from "../../src/wire/mod.ts";
import { addressBytes, service } from "../support/addresses.ts";
import { policyFrom } from "../support/policies.ts";

const A = 1, TXT = 16, AAAA = 28, SVCB = 64, HTTPS = 65;

function rule(toml = ""): Rule {
  const types = 'types = ["A", "AAAA", "TXT", "SVCB", "HTTPS"]';
  return policyFrom(`[[rule]]\nname = "api.example"\n${types}\n${toml}`).rules.rules[0]!;
}

const PLAIN = rule();

function answer(data: readonly Uint8Array[]): Answer {
  return { rcode: 0, chain: [Uint8Array.of(1, 97, 0)], data, ttl: 300, authenticated: true };
}

/** The addresses that pass, as they were written. */
function passing(by: Rule, addresses: readonly string[]): string[] {
  return addresses.filter((address) => {
    const type = address.includes(":") ? AAAA : A;
    return judgeAnswer(by, type, answer([addressBytes(address)])).data.length > 0;
  });
}

/** The first and the last address of each range, and the neighbours that it has on the Internet. */
const RANGES: readonly [range: string, first: string, last: string, neighbours: string[]][] = [
  ["0.0.0.0/8", "0.0.0.0", "0.255.255.255", ["1.0.0.0"]],
  ["10.0.0.0/8", "10.0.0.0", "10.255.255.255", ["9.255.255.255", "11.0.0.0"]],
  ["100.64.0.0/10", "100.64.0.0", "100.127.255.255", ["100.63.255.255", "100.128.0.0"]],
  ["127.0.0.0/8", "127.0.0.0", "127.255.255.255", ["126.255.255.255", "128.0.0.0"]],
  ["169.254.0.0/16", "169.254.0.0", "169.254.255.255", ["169.253.255.255", "169.255.0.0"]],
  ["172.16.0.0/12", "172.16.0.0", "172.31.255.255", ["172.15.255.255", "172.32.0.0"]],
  ["192.0.0.0/24", "192.0.0.0", "192.0.0.255", ["191.255.255.255", "192.0.1.0"]],
  ["192.168.0.0/16", "192.168.0.0", "192.168.255.255", ["192.167.255.255", "192.169.0.0"]],
  ["198.18.0.0/15", "198.18.0.0", "198.19.255.255", ["198.17.255.255", "198.20.0.0"]],
  ["224.0.0.0/4", "224.0.0.0", "239.255.255.255", ["223.255.255.255"]],
  ["240.0.0.0/4", "240.0.0.0", "255.255.255.255", []],
  ["::/96", "::", "::ffff:ffff", ["::1:0:0"]],
  ["::ffff:0:0/96", "::ffff:0:0", "::ffff:ffff:ffff", ["::fffe:ffff:ffff"]],
  ["::ffff:0:0:0/96", "::ffff:0:0:0", "::ffff:0:ffff:ffff", [
    "::fffe:ffff:ffff:ffff",
    "::ffff:1:0:0",
  ]],
  ["64:ff9b::/96", "64:ff9b::", "64:ff9b::ffff:ffff", [
    "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff",
    "64:ff9b::1:0:0",
  ]],
  ["64:ff9b:1::/48", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", [
    "64:ff9b:0:ffff:ffff:ffff:ffff:ffff",
    "64:ff9b:2::",
  ]],
  ["100::/64", "100::", "100::ffff:ffff:ffff:ffff", [
    "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "100:0:0:1::",
  ]],
  ["2001::/32", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", [
    "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:1::",
  ]],
  ["2002:a00::/24 (10.0.0.0/8 by 6to4)", "2002:a00::", "2002:aff:ffff:ffff:ffff:ffff:ffff:ffff", [
    "2002:9ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002:b00::",
  ]],
  ["2002:7f00::/24 (127.0.0.0/8 by 6to4)", "2002:7f00::", "2002:7fff:ffff::", [
    "2002:7eff:ffff::",
    "2002:8000::",
  ]],
  ["fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", [
    "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe00::",
  ]],
  ["fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", [
    "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ]],
  ["fec0::/10", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []],
  ["ff00::/8", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", []],
];

for (const [range, first, last, neighbours] of RANGES) {
  Deno.test(`an answer in ${range} does not pass, its neighbours do, and all do where private ones may`, () => {
    assert.deepEqual(passing(PLAIN, [first, last, ...neighbours]), neighbours);
    const all = [first, last, ...neighbours];
    assert.deepEqual(passing(rule("private = true"), all), all);
  });
}

Deno.test("addresses of the Internet and of documentation pass", () => {
  const good = [
    "9.9.9.9",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "2001:db8::1",
    "2620:fe::fe",
    "2002:909:909::1",
  ];
  assert.deepEqual(passing(PLAIN, good), good);
});

Deno.test("with within, only addresses in it pass", () => {
  const by = rule('within = ["192.0.2.128/25", "2001:db8:7::/48"]');
  const good = ["192.0.2.128", "192.0.2.255", "2001:db8:7::", "2001:db8:7:ffff::"];
  const bad = ["192.0.2.127", "192.0.3.0", "2001:db8:6:ffff::", "2001:db8:8::", "9.9.9.9"];
  assert.deepEqual(passing(by, [...good, ...bad]), good);
});

Deno.test("within does not make private addresses pass, and private does not lift within", () => {
  const ask = ["10.0.7.1", "10.0.8.1", "9.9.9.9", "fd00::1"];
  assert.deepEqual(passing(rule('within = ["10.0.7.0/24"]'), ask), []);
  assert.deepEqual(passing(rule('within = ["10.0.7.0/24"]\nprivate = true'), ask), ["10.0.7.1"]);
});

Deno.test("an address is one by its length: 4 bytes in A, 16 in AAAA, anything else does not pass", () => {
  for (const by of [PLAIN, rule("private = true")]) {
    for (const [type, right] of [[A, 4], [AAAA, 16]] as const) {
      for (const length of [0, 1, 3, 4, 5, 15, 16, 17, 32]) {
        const { data } = judgeAnswer(by, type, answer([new Uint8Array(length).fill(9)]));
        assert.equal(data.length, length === right ? 1 : 0, `type ${type}, ${length} bytes`);
      }
    }
  }
});

Deno.test("of a mixed set the good ones stay, in their order, and what is left is not authenticated", () => {
  const set = ["9.9.9.9", "10.0.0.1", "149.112.112.112", "127.0.0.1"].map(addressBytes);
  const judged = judgeAnswer(PLAIN, A, answer(set));
  assert.deepEqual(judged, { ...answer([set[0]!, set[2]!]), authenticated: false });
});

Deno.test("what passes as a whole is the same object", () => {
  const service1 = service(1, "a.example", [[4, [9, 9, 9, 9]]]);
  const cases: readonly [number, Uint8Array[]][] = [
    [A, ["9.9.9.9", "192.0.2.1"].map(addressBytes)],
    [AAAA, ["2001:db8::1"].map(addressBytes)],
    [HTTPS, [service1]],
    [SVCB, [service(0, "b.example", []), service1]],
    [TXT, [Uint8Array.of(4, 127, 0, 0, 1)]],
    [A, []],
  ];
  for (const [type, data] of cases) {
    const given = answer(data);
    assert.equal(judgeAnswer(PLAIN, type, given), given, `type ${type}`);
  }
  const none: Answer = { rcode: 3, chain: [], data: [], ttl: 60, authenticated: true };
  assert.equal(judgeAnswer(PLAIN, A, none), none);
});

Deno.test("types that hold no addresses pass as they are, whatever their bytes", () => {
  for (const type of [2, 5, 12, 15, TXT, 33, 257, 65280]) {
    const given = answer([Uint8Array.of(127, 0, 0, 1), new Uint8Array(16)]);
    assert.equal(judgeAnswer(rule('within = ["192.0.2.0/24"]'), type, given), given);
  }
});

Deno.test("where nothing is left there is no data, for 10 s, with the extended error Filtered", () => {
  const nothing = {
    rcode: 0,
    chain: [],
    data: [],
    ttl: 10,
    authenticated: false,
    extendedError: 17,
  };
  const cases: readonly [number, Uint8Array][] = [
    [A, addressBytes("127.0.0.1")],
    [AAAA, addressBytes("::1")],
    [HTTPS, Uint8Array.of(0)],
    [SVCB, service(1, ".", [[0, [0, 4]], [4, [10, 0, 0, 1]]])],
  ];
  for (const [type, data] of cases) {
    assert.deepEqual(judgeAnswer(PLAIN, type, answer([data])), nothing, `type ${type}`);
  }
});

Deno.test("hints are judged as addresses are: by private and by within", () => {
  const hints = service(1, ".", [
    [4, [9, 9, 9, 9, 10, 0, 0, 1]],
    [6, [...addressBytes("fd00::1"), ...addressBytes("2001:db8::1")]],
  ]);
  for (const type of [SVCB, HTTPS]) {
    const judge = (toml: string): Answer => judgeAnswer(rule(toml), type, answer([hints]));
    const good = [[4, [9, 9, 9, 9]], [6, [...addressBytes("2001:db8::1")]]] as const;
    assert.deepEqual(judge("").data, [service(1, ".", good)]);
    assert.equal(judge("").authenticated, false);
    assert.deepEqual(judge("private = true"), answer([hints]));
    assert.deepEqual(judge('within = ["9.9.9.0/24"]').data, [service(1, ".", good.slice(0, 1))]);
    assert.deepEqual(judge('within = ["10.0.0.0/8"]').data, [service(1, ".", [])]);
  }
});

Deno.test("of services the malformed go, and the others are a canonical set again", () => {
  const one = service(1, "a.example", [[3, [1, 187]], [4, [10, 0, 0, 1]]]);
  const other = service(1, "a.example", [[3, [1, 187]], [4, [10, 0, 0, 2]]]);
  const longer = service(1, "a.example", [[1, [2, 104, 50]], [4, [10, 0, 0, 2]], [5, [1]]]);
  const malformed = service(1, "a.example", [[4, [9, 9, 9]]]);
  const judged = judgeAnswer(PLAIN, HTTPS, answer([longer, one, other, malformed]));
  assert.deepEqual(judged.data, [
    service(1, "a.example", [[1, [2, 104, 50]], [5, [1]]]),
    service(1, "a.example", [[3, [1, 187]]]),
  ]);
});

Deno.test("two rules judge alike where nothing differs that an answer is judged by", () => {
  const base = 'within = ["192.0.2.0/24", "2001:db8::/32"]\n';
  assert.ok(
    judgesAlike(rule(base), rule(`${base}comment = "another"\nexpires = 2030-01-01T00:00:00Z\n`)),
  );
  const others = ['min_ttl = "7s"', "private = true", 'within = ["192.0.2.0/25"]'];
  for (const other of others) assert.equal(judgesAlike(PLAIN, rule(other)), false, other);
  assert.equal(judgesAlike(rule(base), rule('within = ["192.0.2.0/24"]')), false);
});
