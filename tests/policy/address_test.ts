import assert from "node:assert/strict";
import {
  addressText,
  networkOf,
  parseSocketAddress,
  parseSubnet,
  SubnetList,
} from "../../src/policy/mod.ts";

function socket(text: string): string {
  const parsed = parseSocketAddress(text, 0);
  return "value" in parsed ? `${parsed.value.hostname} ${parsed.value.port}` : "no";
}

Deno.test("addresses are read into their canonical form", () => {
  const expected: Readonly<Record<string, string>> = {
    "127.0.0.1:53": "127.0.0.1 53",
    "127.0.0.1": "127.0.0.1 53",
    "[::1]:5353": "::1 5353",
    "[::1]": "::1 53",
    "[2001:DB8:0:0::1]:53": "2001:db8::1 53",
    "9.9.9.9:0": "9.9.9.9 0",
  };
  for (const [text, result] of Object.entries(expected)) assert.equal(socket(text), result, text);
});

Deno.test("what is no address and port is refused", () => {
  for (
    const text of [
      "",
      ":53",
      "::1",
      "localhost:53",
      "127.1:53",
      "010.0.0.1:53",
      "0x7f.0.0.1:53",
      "127.0.0.1:",
      "127.0.0.1:65536",
      "127.0.0.1:5 3",
      "127.0.0.1:-1",
      "127.0.0.1:1e2",
      "[127.0.0.1]:53",
      "[::ffff:127.0.0.1]:53",
      "[fe80::1%eth0]:53",
      "[::1]53",
      "[::1]:53:53",
      " 127.0.0.1:53",
    ]
  ) assert.equal(socket(text), "no", text);
});

function clients(...subnets: string[]): SubnetList {
  return new SubnetList(subnets.map((text) => {
    const parsed = parseSubnet(text);
    return "value" in parsed ? parsed.value : assert.fail(parsed.problem);
  }));
}

Deno.test("clients are compared with subnets bit by bit", () => {
  const list = clients("127.0.0.0/8", "10.0.6.0/23", "192.0.2.7", "fd00::/9", "::1/128");
  for (const yes of ["127.0.0.1", "127.255.255.255", "10.0.7.255", "192.0.2.7", "fd7f::1", "::1"]) {
    assert.equal(list.includes(yes), true, yes);
    assert.equal(list.includes(yes), true, `${yes} again`);
  }
  for (
    const no of ["128.0.0.1", "10.0.8.0", "192.0.2.8", "fd80::1", "::2", "", "x", "::127.0.0.1"]
  ) {
    assert.equal(list.includes(no), false, no);
  }
  assert.equal(list.includes("::ffff:127.0.0.1"), true);
  assert.equal(clients("0.0.0.0/0").includes("203.0.113.1"), true);
  assert.equal(clients("0.0.0.0/0").includes("::1"), false);
});

Deno.test("what a client list remembers is bounded", () => {
  const list = clients("10.0.0.0/8");
  for (let i = 0; i < 20_000; i++) {
    assert.equal(list.includes(`10.0.${i >> 8}.${i & 255}`), true);
    assert.equal(list.includes(`11.0.${i >> 8}.${i & 255}`), false);
  }
});

Deno.test("a client is an address of IPv4, however it is written, or a /64 of IPv6", () => {
  const same: readonly [string, string][] = [
    ["10.1.2.3", "::ffff:10.1.2.3"],
    ["2001:db8::1", "2001:db8::ffff:2"],
  ];
  for (const [one, other] of same) assert.equal(networkOf(one), networkOf(other));
  const different = [
    "10.1.2.3",
    "10.1.2.4",
    "::ffff:10.1.2.5",
    "::1",
    "2001:db8::1",
    "2001:db8:0:1::1",
  ];
  assert.equal(new Set(different.map(networkOf)).size, different.length);
});

Deno.test("addresses in bytes are written in their canonical form", () => {
  assert.equal(addressText(Uint8Array.of(192, 0, 2, 1)), "192.0.2.1");
  const six = Uint8Array.of(0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1);
  assert.equal(addressText(six), "2001:db8::1");
  const mapped = Uint8Array.of(...Array(10).fill(0), 255, 255, 192, 0, 2, 1);
  assert.equal(addressText(mapped), "::ffff:192.0.2.1");
});
