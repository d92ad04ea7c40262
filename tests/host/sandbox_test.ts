import assert from "node:assert/strict";
import {
  joinNeeds,
  missingPermissions,
  narrowPermissions,
  type Needs,
  notifyNeeds,
  permissionFlags,
  sealPermissions,
  servingNeeds,
} from "../../src/host/mod.ts";
import { parsePolicy, type Policy } from "../../src/policy/mod.ts";
import { FlagPermissions } from "../support/flag_permissions.ts";

const UPSTREAM = '[[upstream]]\naddress = "9.9.9.9:53"\n';
const OPTIONS = {
  folders: ["/etc/fw-dns"],
  knowsUnixSockets: true,
  isResolvedOnly: false,
  runtimeVersion: "2.9.6",
};

function policyOf(toml = ""): Policy {
  return parsePolicy(new TextEncoder().encode(`allow = ["a.example"]\n${toml}${UPSTREAM}`), "p");
}

function needsOf(policy: Policy): Needs {
  return servingNeeds(policy, OPTIONS);
}

/** The flags of a policy with one kind in other words. */
function flagsBut(policy: Policy, ...others: string[]): string[] {
  const kinds = others.map((flag) => flag.split("=")[0]);
  const { flags } = permissionFlags(policy, OPTIONS);
  return [...flags.filter((flag) => !kinds.includes(flag.split("=")[0])), ...others];
}

const WITH_ACCOUNT = policyOf('[run_as]\nuser = "fw-dns"\n');

Deno.test("under its own flags a policy has no excess, and after the start nothing but serving is left", () => {
  const permissions = new FlagPermissions(permissionFlags(WITH_ACCOUNT, OPTIONS).flags);
  const needs = needsOf(WITH_ACCOUNT);
  assert.deepEqual(narrowPermissions(permissions, WITH_ACCOUNT, needs), []);
  assert.ok(permissions.holds({ name: "read", path: "/etc/passwd" }));
  assert.ok(permissions.holds({ name: "sys" }));
  sealPermissions(permissions, needs);
  const gone = [
    { name: "sys" },
    { name: "env", variable: "NOTIFY_SOCKET" },
    { name: "read", path: "/etc/passwd" },
    { name: "read", path: "/etc/group" },
    { name: "read", path: "/run/systemd/notify" },
    { name: "write", path: "/run/fw-dns/notify.sock" },
    { name: "net", host: "unix:/run/systemd/notify" },
  ] as const;
  for (const one of gone) assert.ok(!permissions.holds(one), JSON.stringify(one));
  assert.deepEqual(missingPermissions(permissions, needs), []);
});

Deno.test("under systemd what its protocol needs is kept", () => {
  const permissions = new FlagPermissions(permissionFlags(WITH_ACCOUNT, OPTIONS).flags);
  const needs = joinNeeds(needsOf(WITH_ACCOUNT), notifyNeeds(OPTIONS));
  assert.deepEqual(narrowPermissions(permissions, WITH_ACCOUNT, needs), []);
  sealPermissions(permissions, needs);
  assert.deepEqual(missingPermissions(permissions, needs), []);
});

Deno.test("what runs programs, loads libraries and imports is given back, however much it was", () => {
  const all = ["run", "ffi", "import", "write", "env", "sys"].map((name) => `--allow-${name}`);
  const permissions = new FlagPermissions(flagsBut(WITH_ACCOUNT, ...all));
  const needs = needsOf(WITH_ACCOUNT);
  assert.deepEqual(narrowPermissions(permissions, WITH_ACCOUNT, needs), []);
  sealPermissions(permissions, needs);
  for (const name of ["run", "ffi", "import", "write", "env", "sys"] as const) {
    assert.ok(!permissions.holds({ name }), name);
  }
});

const EXCESS: readonly [flag: string, ...excess: string[]][] = [
  ["--allow-net", "speak to every address"],
  ["--allow-read", "read every file"],
  ["--allow-net=127.0.0.0/8,[::1],9.9.9.9", "speak to 9.9.9.9:443", "speak to 9.9.9.9:853"],
  [
    "--allow-net=127.0.0.0/8,[::1],9.9.9.9:53,0.0.0.0",
    "speak to 0.0.0.0:53",
    "speak to 0.0.0.0:443",
    "speak to 0.0.0.0:853",
  ],
  // To give back what is below them would lose the policy's own folder too.
  ["--allow-read=/etc", "read /etc"],
  ["--allow-read=/", "read /"],
  // These have nothing to do with the policy, and go.
  ["--allow-read=/etc/fw-dns,/home,/etc/shadow,/root"],
  ["--allow-write=/tmp,/var/log"],
];

for (const [flag, ...excess] of EXCESS) {
  Deno.test(`${flag} for 9.9.9.9 leaves ${excess.join(", ") || "nothing that is too much"}`, () => {
    const policy = policyOf();
    const permissions = new FlagPermissions(flagsBut(policy, flag));
    const needs = needsOf(policy);
    assert.deepEqual(narrowPermissions(permissions, policy, needs), excess);
    sealPermissions(permissions, needs);
    const serving = missingPermissions(permissions, { ...needs, net: [] });
    assert.deepEqual(serving, [], "what serving needs has not gone with it");
    for (const path of ["/home", "/root", "/etc/shadow", "/tmp"]) {
      const isTold = excess.some((words) => /every file|read \/(etc)?$/.test(words));
      assert.ok(isTold || !permissions.holds({ name: "read", path }), path);
      assert.ok(!permissions.holds({ name: "write", path }), path);
    }
  });
}

Deno.test("under systemd a right to write everywhere cannot be narrowed, and is told", () => {
  const policy = policyOf();
  const needs = joinNeeds(needsOf(policy), notifyNeeds(OPTIONS));
  const permissions = new FlagPermissions(flagsBut(policy, "--allow-write"));
  assert.deepEqual(narrowPermissions(permissions, policy, needs), ["write every file"]);
});

Deno.test("clients that no flag can name are no excess", () => {
  const policy = policyOf('[listen]\nclients = ["2001:db8::/32"]\n');
  const permissions = new FlagPermissions(permissionFlags(policy, OPTIONS).flags);
  assert.deepEqual(narrowPermissions(permissions, policy, needsOf(policy)), []);
});

Deno.test("an upstream that is a client's address too is no excess", () => {
  const policy = parsePolicy(
    new TextEncoder().encode('allow = ["a.example"]\n[[upstream]]\naddress = "127.0.0.1:5335"\n'),
    "p",
  );
  const permissions = new FlagPermissions(permissionFlags(policy, OPTIONS).flags);
  assert.deepEqual(narrowPermissions(permissions, policy, needsOf(policy)), []);
});

Deno.test("a subnet of which only the ends are held is missed", () => {
  const permissions = new FlagPermissions(["--allow-net=10.0.7.0,10.0.7.255"]);
  const needs: Needs = { net: ["10.0.7.0/24"], read: [], write: [] };
  assert.deepEqual(missingPermissions(permissions, needs), ["--allow-net=10.0.7.0/24"]);
});

const MISSING: readonly [what: string, toml: string, missing: string[]][] = [
  ["the same policy", "", []],
  ["another upstream", '[[upstream]]\naddress = "192.0.2.7:5353"\n', [
    "--allow-net=192.0.2.7:5353",
  ]],
  ["an upstream over IPv6", '[[upstream]]\naddress = "[2001:db8::7]:53"\n', [
    "--allow-net=[::]:0,[::]:61000 to 61063,[2001:db8::7]:53",
  ]],
  ["an upstream over TCP", '[[upstream]]\naddress = "192.0.2.7"\ntransport = "tcp"\n', [
    "--allow-net=192.0.2.7:53",
  ]],
  ["an address to listen on", '[listen]\naddresses = ["10.0.7.1:53"]\n', [
    "--allow-net=10.0.7.1:53",
  ]],
  ["fewer clients", '[listen]\nclients = ["127.0.0.0/9"]\n', []],
  ["more clients", '[listen]\nclients = ["126.0.0.0/7"]\n', ["--allow-net=126.0.0.0/7"]],
  ["clients elsewhere", '[listen]\nclients = ["10.0.7.0/24"]\n', ["--allow-net=10.0.7.0/24"]],
  ["clients that no flag can name", '[listen]\nclients = ["2001:db8::/32"]\n', ["--allow-net"]],
];

for (const [what, toml, missing] of MISSING) {
  Deno.test(`of a policy with ${what}, the flags of the old one lack ${missing.join(" ") || "nothing"}`, () => {
    const permissions = new FlagPermissions(permissionFlags(policyOf(), OPTIONS).flags);
    assert.deepEqual(missingPermissions(permissions, needsOf(policyOf(toml))), missing);
  });
}

Deno.test("another folder, and the helper's socket, are missed", () => {
  const permissions = new FlagPermissions(permissionFlags(policyOf(), OPTIONS).flags);
  const options = { ...OPTIONS, folders: ["/srv/dns"], isResolvedOnly: true };
  assert.deepEqual(missingPermissions(permissions, servingNeeds(policyOf(), options)), [
    "--allow-net=unix:/run/fw-dns-admit/admit.sock",
    "--allow-read=/srv/dns,/run/fw-dns-admit/admit.sock",
    "--allow-write=/run/fw-dns-admit/admit.sock",
  ]);
});

Deno.test("who serves a policy does not keep what may write to it, under systemd too", () => {
  const writable = ["/etc/fw-dns", "/srv/policies"];
  for (const folder of writable) {
    const policy = policyOf();
    const options = { ...OPTIONS, folders: [folder], writable: [folder, "/etc/fw-dns"] };
    const permissions = new FlagPermissions(permissionFlags(policy, options).flags);
    assert.ok(permissions.holds({ name: "write", path: `${folder}/policy.toml` }));
    const needs = joinNeeds(servingNeeds(policy, options), notifyNeeds(OPTIONS));
    assert.deepEqual(narrowPermissions(permissions, policy, needs), []);
    for (const path of writable) assert.ok(!permissions.holds({ name: "write", path }), path);
    assert.deepEqual(missingPermissions(permissions, needs), []);
  }
});

Deno.test("what may write to the policy and cannot be given back is told", () => {
  const permissions = new FlagPermissions(flagsBut(policyOf(), "--allow-write=/run,/srv"));
  const options = { ...OPTIONS, folders: ["/run/policies"] };
  const needs = joinNeeds(servingNeeds(policyOf(), options), notifyNeeds(OPTIONS));
  const told = narrowPermissions(permissions, policyOf(), needs);
  assert.ok(told.includes("write /run"), told.join());
  assert.ok(!permissions.holds({ name: "write", path: "/srv" }));
});
