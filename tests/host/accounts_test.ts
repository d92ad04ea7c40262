import assert from "node:assert/strict";
import { findObstacle, resolveAccount } from "../../src/host/mod.ts";
import { FakeFiles, namedError } from "../support/fake_host.ts";

const FILES = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n" +
    "broken\nfw-dns:x:none:7::/:/bin/false\nfw-dns:x:998:997:DNS firewall:/:/usr/sbin/nologin\n" +
    "toor:x:0:55::/root:/bin/sh\nadmin:x:500:0::/:/bin/sh\n",
  "/etc/group": "root:x:0:\nfw-dns:x:997:\ndns:x:600:fw-dns\n",
};

async function resolve(
  user: string,
  group?: string,
  files: Record<string, string | Error> = FILES,
) {
  return await resolveAccount(new FakeFiles({ ...files }), { user, group });
}

Deno.test("an account has its own group where none is named, and the named one otherwise", async () => {
  assert.deepEqual(await resolve("fw-dns"), { user: "fw-dns", uid: 998, gid: 997 });
  assert.deepEqual(await resolve("fw-dns", "dns"), { user: "fw-dns", uid: 998, gid: 600 });
});

const REFUSED: readonly [user: string, group: string | undefined, problem: RegExp][] = [
  [
    "nobody-here",
    undefined,
    /^account nobody-here is not in \/etc\/passwd: make it with useradd --system/,
  ],
  ["fw-dns", "none", /^group none is not in \/etc\/group: make it with groupadd --system none$/],
  ["root", undefined, /^root is root: name another account/],
  ["toor", undefined, /^toor is root: /],
  ["admin", undefined, /^the group of admin is root's: /],
  ["fw-dns", "root", /^the group of fw-dns is root's: /],
];

for (const [user, group, problem] of REFUSED) {
  Deno.test(`run_as ${user}${group ? ` with group ${group}` : ""} is refused in words`, async () => {
    const found = await resolve(user, group);
    assert.ok("problem" in found && !found.isUnknown);
    assert.match(found.problem, problem);
  });
}

Deno.test("where the accounts cannot be read, nothing is known", async () => {
  const found = await resolve("fw-dns", undefined, {
    "/etc/passwd": namedError("NotCapable", "x"),
  });
  assert.ok("problem" in found && found.isUnknown);
});

const ACCOUNT = { user: "fw-dns", uid: 998, gid: 997 };
const FILE = "/etc/fw-dns/policy.toml";

const FACTS: readonly [
  what: string,
  path: string,
  uid: number,
  gid: number,
  mode: number,
  obstacle?: RegExp,
][] = [
  ["all may read", FILE, 0, 0, 0o644],
  ["its group may read", FILE, 0, 997, 0o640],
  ["it owns", FILE, 998, 0, 0o400],
  ["others may read, and a group that is not its own may not", FILE, 0, 0, 0o604],
  ["only root may read", FILE, 0, 0, 0o600, /^fw-dns may not read .*: chgrp 997 .* && chmod g\+r /],
  ["its group may not, but others may read", FILE, 0, 997, 0o604, /may not read/],
  ["it owns and may not read", FILE, 998, 997, 0o044, /may not read/],
  [
    "lies in a closed folder",
    "/etc/fw-dns",
    0,
    0,
    0o700,
    /^fw-dns may not enter \/etc\/fw-dns: chmod o\+x /,
  ],
  ["lies in a folder of its group", "/etc/fw-dns", 0, 997, 0o710],
  ["lies below a closed folder", "/etc", 0, 0, 0o700, /^fw-dns may not enter \/etc: /],
];

for (const [what, path, uid, gid, mode, obstacle] of FACTS) {
  Deno.test(`a policy that ${what} ${obstacle ? "is out of reach" : "can be read anew"}`, async () => {
    const files = new FakeFiles({ [FILE]: "" });
    files.factsOf.set(path, { uid, gid, mode, isFolder: path !== FILE });
    const found = await findObstacle(files, FILE, ACCOUNT);
    if (obstacle === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", obstacle);
  });
}

Deno.test("a link's own folder and its target's both count; what cannot be looked at counts for good", async () => {
  const files = new FakeFiles({ [FILE]: "" });
  files.realPath = () => Promise.resolve("/srv/current/policy.toml");
  files.factsOf.set("/srv/current", { uid: 0, gid: 0, mode: 0o700, isFolder: true });
  assert.match((await findObstacle(files, FILE, ACCOUNT))!, /may not enter \/srv\/current/);
  files.facts = () => Promise.reject(namedError("NotCapable", "x"));
  assert.equal(await findObstacle(files, FILE, ACCOUNT), undefined);
});
