import assert from "node:assert/strict";
import { parsePolicy, runPolicyTests } from "../../src/policy/mod.ts";
import { policyFrom } from "../support/policies.ts";

Deno.test("a policy of one line and an upstream has every default", () => {
  const policy = policyFrom('allow = ["API.example.com."]\n[[upstream]]\naddress = "9.9.9.9"');
  assert.equal(policy.unlisted, "drop");
  assert.deepEqual(policy.listen.addresses, [{ hostname: "127.0.0.1", port: 53 }]);
  assert.deepEqual(policy.listen.clients.subnets.map(({ text }) => text), [
    "127.0.0.0/8",
    "::1/128",
  ]);
  assert.equal(policy.listen.tcpConnections, 64);
  assert.equal(policy.listen.tcpIdle, 10_000);
  assert.deepEqual(policy.query, { timeout: 900, tries: 5, inFlight: 1000, tick: 10 });
  assert.deepEqual(policy.cache, { minTtl: 30_000, maxTtl: 3_600_000, stale: 86_400_000 });
  assert.deepEqual(policy.hermetic, { rate: 20 });
  assert.deepEqual(policy.budget, { wildcardsPerHour: 100, bitsPerHour: undefined });
  assert.deepEqual(policy.log, { format: "text", queries: "denied" });
  assert.deepEqual(policy.upstreams, [{
    name: "9.9.9.9:53",
    address: { hostname: "9.9.9.9", port: 53 },
    transport: "udp",
    tls: undefined,
    key: "udp 9.9.9.9:53",
    isTrusted: false,
  }]);
  const [rule] = policy.rules.rules;
  assert.equal(rule!.name, "api.example.com");
  assert.deepEqual([...rule!.types], [1, 28]);
  assert.equal(rule!.upstreams, policy.upstreams);
  assert.deepEqual([rule!.mode, rule!.minTtl], ["forward", 30_000]);
  assert.deepEqual([rule!.allowsPrivate, rule!.within, rule!.labels], [
    false,
    undefined,
    undefined,
  ]);
});

Deno.test("every key is read", () => {
  const policy = policyFrom(`
    unlisted = "nxdomain"
    types = ["A", "HTTPS"]
    allow = ["*.debian.org"]
    [listen]
    addresses = ["127.0.0.1:5353", "[::1]:5353"]
    clients = ["10.0.0.0/8"]
    tcp_connections = 3
    tcp_idle = "2s"
    [[upstream]]
    name = "local"
    address = "[::1]:53"
    transport = "tcp"
    [[upstream]]
    name = "inside"
    address = "10.0.0.53:53"
    [query]
    timeout = "500ms"
    tries = 3
    in_flight = 10
    tick = "20ms"
    [cache]
    min_ttl = "1m"
    max_ttl = "2h"
    stale = "0s"
    [hermetic]
    rate = 7
    [answers]
    private = true
    [budget]
    wildcards_per_hour = 0
    bits_per_hour = 12
    [log]
    format = "json"
    queries = "all"
    [[rule]]
    name = "**.corp.example"
    upstream = "inside"
    types = ["TYPE65", "AAAA"]
    mode = "forward"
    min_ttl = "5m"
    private = false
    within = ["10.0.0.0/8", "::1"]
    labels = "[a-z]{1,3}"
    expires = 2026-12-31T00:00:00+01:00
    comment = "why"
    [[test]]
    name = "x.corp.example"
    type = "AAAA"
    expect = "allow"
  `);
  assert.equal(policy.unlisted, "nxdomain");
  assert.equal(policy.listen.addresses.length, 2);
  assert.equal(policy.listen.tcpConnections, 3);
  assert.equal(policy.listen.tcpIdle, 2000);
  assert.deepEqual(policy.query, { timeout: 500, tries: 3, inFlight: 10, tick: 20 });
  assert.deepEqual(policy.log, { format: "json", queries: "all" });
  assert.deepEqual(policy.upstreams.map((one) => [one.name, one.transport, one.isTrusted]), [
    ["local", "tcp", true],
    ["inside", "udp", false],
  ]);
  const [short, long] = policy.rules.rules;
  assert.deepEqual([...short!.types], [1, 65]);
  assert.deepEqual([...long!.types], [65, 28]);
  assert.deepEqual(long!.upstreams.map(({ name }) => name), ["inside"]);
  assert.deepEqual(policy.cache, { minTtl: 60_000, maxTtl: 7_200_000, stale: 0 });
  assert.deepEqual(policy.hermetic, { rate: 7 });
  assert.deepEqual(policy.budget, { wildcardsPerHour: 0, bitsPerHour: 12 });
  assert.deepEqual([short!.minTtl, long!.minTtl], [60_000, 300_000]);
  assert.deepEqual([short!.allowsPrivate, long!.allowsPrivate], [true, false]);
  assert.deepEqual(long!.within!.subnets.map(({ text }) => text), ["10.0.0.0/8", "::1/128"]);
  assert.equal(long!.labels!.text, "[a-z]{1,3}");
  assert.equal(long!.expires, Date.parse("2026-12-30T23:00:00Z"));
  assert.equal(long!.comment, "why");
  assert.deepEqual(runPolicyTests(policy, 0), []);
});

Deno.test("a byte order mark and CRLF do no harm", () => {
  const toml = '\ufeffallow = ["a.example"]\r\n[[upstream]]\r\naddress = "9.9.9.9"\r\n';
  assert.equal(parsePolicy(new TextEncoder().encode(toml), "p").rules.rules.length, 1);
});

Deno.test("what a [[test]] expects is checked at the time that it is run", () => {
  const policy = policyFrom(`
    [[rule]]
    name = "a.example"
    expires = 2026-01-01T00:00:00Z
    [[test]]
    name = "a.example"
    expect = "allow"
    [[test]]
    name = "b.example"
    type = "TXT"
    expect = "deny"
  `);
  assert.deepEqual(runPolicyTests(policy, Date.parse("2025-01-01")), []);
  assert.deepEqual(runPolicyTests(policy, Date.parse("2027-01-01")), [{
    path: ["test", 0],
    message: 'a.example A comes out as deny: mend the rules, or write expect = "deny"',
  }]);
});
