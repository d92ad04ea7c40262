import assert from "node:assert/strict";
import { formatUnit } from "../../../src/host/mod.ts";
import { policyFrom } from "../../support/policies.ts";

const ACCOUNT = { user: "fw-dns", group: "fw-dns" };

/** The values of a key, in order. */
function valuesOf(unit: string, key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value!);
}

function unitFor(toml: string, isResolvedOnly = false): string {
  return formatUnit(policyFrom(toml), ACCOUNT, { isResolvedOnly });
}

Deno.test("the unit names the program, the policy and the account", () => {
  const unit = unitFor("");
  assert.deepEqual(valuesOf(unit, "Type"), ["notify"]);
  assert.deepEqual(valuesOf(unit, "ExecStart"), [
    "/usr/local/bin/fw-dns run --policy /etc/fw-dns/policy.toml",
  ]);
  assert.deepEqual([valuesOf(unit, "User"), valuesOf(unit, "Group")], [["fw-dns"], ["fw-dns"]]);
  assert.match(unit, /^# {6}u fw-dns - "DNS firewall"$/m);
  assert.deepEqual(valuesOf(unit, "StartLimitIntervalSec"), ["0"]);
});

Deno.test("a group with a name of its own is made before the account that is in it", () => {
  const unit = formatUnit(policyFrom(""), { user: "fw-dns", group: "dns" }, {
    isResolvedOnly: false,
  });
  assert.match(unit, /^# {6}g dns -\n# {6}u fw-dns -:dns "DNS firewall"$/m);
  assert.deepEqual(valuesOf(unit, "Group"), ["dns"]);
  assert.match(unit, /chown root:dns /);
});

Deno.test("it may speak to clients and upstreams, and to no other address", () => {
  const unit = unitFor(`[listen]
clients = ["10.0.7.0/24", "::1/128"]
[[upstream]]
address = "9.9.9.9:53"
[[upstream]]
address = "[2620:fe::fe]:53"
[[upstream]]
address = "9.9.9.9:5353"
`);
  assert.deepEqual(valuesOf(unit, "IPAddressDeny"), ["any"]);
  assert.deepEqual(valuesOf(unit, "IPAddressAllow"), [
    "10.0.7.0/24",
    "::1/128",
    "9.9.9.9",
    "2620:fe::fe",
  ]);
});

Deno.test("it may speak to who reads metrics on this host; on others, a line is to be added", () => {
  const clients = '[listen]\nclients = ["10.0.7.0/24"]\n[metrics]\naddress = ';
  assert.deepEqual(valuesOf(unitFor(`${clients}"127.0.0.1:9153"`), "IPAddressAllow"), [
    "10.0.7.0/24",
    "192.0.2.53",
    "127.0.0.1",
  ]);
  const wide = unitFor(`${clients}"10.0.7.1:9153"`);
  assert.deepEqual(valuesOf(wide, "IPAddressAllow"), ["10.0.7.0/24", "192.0.2.53"]);
  assert.match(wide, /^# Who reads metrics at 10\.0\.7\.1:9153 .*\n# IPAddressAllow=/m);
  assert.equal(unitFor("[metrics]"), unitFor(""));
});

Deno.test("it has the right to a low port where the policy has one, and else none at all", () => {
  const capabilities = (address: string): string[] => {
    const unit = unitFor(`[listen]\naddresses = ["${address}"]`);
    const bounding = valuesOf(unit, "CapabilityBoundingSet");
    assert.deepEqual(valuesOf(unit, "AmbientCapabilities"), bounding);
    assert.equal(unit.includes("\nPrivateUsers=yes\n"), bounding[0] === "");
    return bounding;
  };
  assert.deepEqual(capabilities("127.0.0.1:53"), ["CAP_NET_BIND_SERVICE"]);
  assert.deepEqual(capabilities("127.0.0.1:1023"), ["CAP_NET_BIND_SERVICE"]);
  assert.deepEqual(capabilities("127.0.0.1:1024"), [""]);
  assert.deepEqual(capabilities("127.0.0.1:0"), [""]);
});

Deno.test("it may open as many files as the policy can need", () => {
  assert.deepEqual(valuesOf(unitFor(""), "LimitNOFILE"), ["4096"]);
  const large = unitFor("[listen]\ntcp_connections = 5000\n[query]\nin_flight = 10000");
  assert.deepEqual(valuesOf(large, "LimitNOFILE"), ["16024"]);
});

Deno.test("with --resolved-only it runs so, after the helper whose socket it sees", () => {
  const unit = unitFor("", true);
  assert.match(valuesOf(unit, "ExecStart")[0]!, / run --resolved-only --policy /);
  assert.match(valuesOf(unit, "Wants")[0]!, /\bfw-dns-admit\.service\b/);
  assert.match(valuesOf(unit, "After")[0]!, /\bfw-dns-admit\.service\b/);
  assert.ok(valuesOf(unit, "BindReadOnlyPaths").includes("-/run/fw-dns-admit"));
  assert.doesNotMatch(unitFor(""), /admit/);
});
