import assert from "node:assert/strict";
import { sightOf, viewFor } from "../../src/status/view.ts";
import { decided, describing, seen } from "../support/fake_statistics.ts";
import { policyFrom } from "../support/policies.ts";

const HERE = policyFrom("");
const GATEWAY = policyFrom('[listen]\nclients = ["127.0.0.0/8", "10.0.7.0/24", "fd00:7::/64"]');

Deno.test("all names are shown on this host alone, and only where nobody else may ask", () => {
  const cases: readonly [policy: typeof HERE, address: string, sight: string][] = [
    [HERE, "127.0.0.1", "all"],
    [HERE, "::1", "all"],
    [HERE, "10.0.7.9", "none"],
    [HERE, "::ffff:10.0.7.9", "none"],
    [HERE, "no address", "none"],
    [GATEWAY, "127.0.0.1", "own"],
    [GATEWAY, "10.0.7.9", "own"],
    [GATEWAY, "fd00:7::5", "own"],
    [GATEWAY, "::1", "none"],
    [GATEWAY, "10.0.8.9", "none"],
  ];
  for (const [policy, address, sight] of cases) {
    assert.equal(sightOf(policy, { address, isForwarded: false }), sight, address);
    assert.equal(sightOf(policy, { address, isForwarded: true }), "none", address);
  }
});

const OTHERS = "secret-of-others.example";

/** Two clients ask below one domain. */
const SHARED = seen({
  blocked: [{
    ...seen().blocked[0]!,
    domain: "example",
    client: "10.0.7.9",
    examples: [{ name: OTHERS, type: "A" }, { name: "mine.example", type: "A" }],
  }],
  decisions: [
    decided(1, { client: "10.0.7.9", name: "mine.example" }),
    decided(2, { client: "10.0.7.8", name: OTHERS }),
    decided(3, { client: "10.0.7.9", name: "mine.example" }),
    decided(4, { client: "10.0.7.9", name: "listed.example", verdict: "serve", reason: "listed" }),
  ],
});

Deno.test("a client sees what it has asked for itself, and no figure of a domain that others share", () => {
  const own = viewFor(describing(), SHARED, "own", "10.0.7.9");
  assert.deepEqual(own.decisions.map(({ name }) => name), [
    "mine.example",
    "mine.example",
    "listed.example",
  ]);
  assert.deepEqual(
    own.blocked.map(({ domain, queries, bytes }) => [domain, queries, bytes]),
    [["mine.example", 2, undefined]],
  );
  assert.ok(!JSON.stringify(own).includes("secret"));
});

Deno.test("whoever is no client sees counts, and no name or client", () => {
  const none = viewFor(describing(), SHARED, "none", "10.0.7.9");
  assert.deepEqual([none.blocked, none.decisions], [[], []]);
  assert.doesNotMatch(JSON.stringify(none), /10\.0\.7|mine|secret|files\.example\.net/);
  assert.equal(none.responses.length, SHARED.responses.length);
});

Deno.test("who may see all sees each name with what would allow it, a hundred decisions at most", () => {
  const many = Array.from({ length: 300 }, (_, i) => decided(i, { name: `n${i}.example` }));
  const all = viewFor(describing(), seen({ decisions: many }), "all", "127.0.0.1");
  assert.equal(all.decisions.length, 100);
  assert.equal(all.decisions[0]!.suggestion?.kind, "rule");
  assert.deepEqual(all.blocked.map(({ domain }) => domain), [
    "tunnel.example",
    "telemetry-vendor.com",
    "ubuntu.com",
  ]);
  assert.ok(all.blocked.every(({ examples }) => examples[0]!.suggestion?.kind === "rule"));
});
