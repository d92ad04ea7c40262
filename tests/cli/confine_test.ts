/** What `run` gives up, refuses and warns of; `check` says the same beforehand. */

import assert from "node:assert/strict";
import type { FakeNetwork } from "../support/fake_network.ts";
import { FakeMachine, namedError, type Ran } from "../support/fake_process.ts";
import { FlagPermissions } from "../support/flag_permissions.ts";

const FILE = "/etc/fw-dns/policy.toml";
const UPSTREAM = '[[upstream]]\naddress = "192.0.2.53"\n';
const RUN_AS = '[run_as]\nuser = "fw-dns"\n';

function machine(toml: string): FakeMachine {
  const host = new FakeMachine({
    [FILE]: `allow = ["a.example"]\n${toml}${UPSTREAM}`,
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nfw-dns:x:998:997::/:/bin/false\n" +
      "nobody:x:65534:65534::/:/bin/false\n",
    "/etc/group": "fw-dns:x:997:\n",
  });
  return host;
}

function asRoot(host: FakeMachine): FakeMachine {
  return Object.assign(host, { identity: Object.assign(host.identity, { uid: 0, gid: 0 }) });
}

/** Starts to serve, looks, and stops. */
async function serve(host: FakeMachine, look: () => void = () => {}): Promise<Ran> {
  const running = host.run("run", "--policy", FILE);
  await host.clock.advance(100);
  look();
  host.signal("SIGTERM");
  for (let i = 0; i < 10; i++) await host.clock.advance(100);
  return await running;
}

Deno.test("root binds first, is the account before it serves, and then gives back what only that needed", async () => {
  const host = asRoot(machine(RUN_AS));
  const boundAs: number[] = [];
  const network = host.network as FakeNetwork;
  const listen = network.listenTcp.bind(network);
  network.listenTcp = (address) => {
    boundAs.push(host.identity.uid);
    return listen(address);
  };
  const { code, out } = await serve(host, () => {
    assert.deepEqual([host.identity.uid, host.identity.gid], [998, 997]);
    for (const name of ["sys", "env"] as const) {
      assert.ok(host.permissions.givenBack.some((one) => one.name === name), name);
    }
  });
  assert.equal(code, 0);
  assert.deepEqual(boundAs, [0]);
  assert.match(
    out,
    /\nListening on 127\.0\.0\.1:53\nRunning as fw-dns \(uid 998\), with no privilege left\n/,
  );
  assert.doesNotMatch(out, /Warning: (?!No upstream)/);
});

Deno.test("the drop is an event of its own in JSON", async () => {
  const { out } = await serve(asRoot(machine(`${RUN_AS}[log]\nformat = "json"\n`)));
  const event = out.split("\n").find((line) => line.includes('"privileges"'))!;
  assert.deepEqual({ ...JSON.parse(event), time: "" }, {
    time: "",
    event: "privileges",
    user: "fw-dns",
    uid: 998,
    gid: 997,
  });
});

const REFUSALS: readonly [
  what: string,
  toml: string,
  change: (host: FakeMachine) => void,
  RegExp,
][] = [
  [
    "an account that is not there",
    '[run_as]\nuser = "other"\n',
    () => {},
    /^Cannot become other: account other is not in/,
  ],
  [
    "groups of others",
    RUN_AS,
    (host) => void (host.identity.groups = [4]),
    /^Cannot become fw-dns: this process is in the groups 4 too/,
  ],
  ["accounts that cannot be read", RUN_AS, (host) => {
    host.files.contents["/etc/passwd"] = namedError("NotCapable", "Requires read access");
  }, /^Cannot become fw-dns: cannot look up fw-dns in \/etc\/passwd .*Requires read access/],
  ["an identity that cannot be asked for", RUN_AS, (host) => {
    Object.defineProperty(host.identity, "uid", {
      get: () => {
        throw namedError("NotCapable", "Requires sys access");
      },
    });
  }, /^Cannot tell whether to become fw-dns: .*Requires sys access.*fw-dns permissions/],
  [
    "a system that keeps root",
    RUN_AS,
    (host) => void (host.identity.setUid = () => {}),
    /^Cannot become fw-dns: the system says 0, 0, 997, 997 afterwards/,
  ],
];

for (const [what, toml, change, error] of REFUSALS) {
  Deno.test(`root does not serve with ${what}`, async () => {
    const host = asRoot(machine(toml));
    change(host);
    const { code, err } = await host.run("run", "--policy", FILE);
    assert.equal(code, 1);
    assert.match(err, error);
  });
}

const WARNINGS: readonly [
  what: string,
  toml: string,
  change: (host: FakeMachine) => void,
  RegExp,
][] = [
  [
    "root without run_as",
    "",
    (host) => void asRoot(host),
    /Warning: This runs as root: name an account/,
  ],
  [
    "another user than the account",
    RUN_AS,
    () => {},
    /Warning: run_as names fw-dns \(uid 998\), but this runs as uid 1000/,
  ],
  [
    "an account that is not there, by someone else",
    '[run_as]\nuser = "other"\n',
    () => {},
    /Warning: run_as: account other is not in/,
  ],
  [
    "a shared account",
    '[run_as]\nuser = "nobody"\n',
    (host) => void asRoot(host),
    /Warning: "nobody" is an account that others use too/,
  ],
  ["a policy that the account may not read", RUN_AS, (host) => {
    asRoot(host);
    const read = host.files.read.bind(host.files);
    host.files.read = (path) =>
      host.identity.uid === 0
        ? read(path)
        : Promise.reject(namedError("PermissionDenied", "EACCES"));
    host.files.factsOf.set(FILE, { uid: 0, gid: 0, mode: 0o600, isFolder: false });
  }, /Warning: A changed policy could not be loaded: fw-dns may not read .*chgrp 997/],
  [
    "too much that cannot be given back",
    "",
    (host) => {
      const broad = ["net", "read", "run"].map((name) => `--allow-${name}`);
      Object.assign(host, { permissions: new FlagPermissions(broad) });
    },
    /Warning: This program may do more than its policy needs: read every file, speak to every address\. Start it with the flags/,
  ],
];

for (const [what, toml, change, warning] of WARNINGS) {
  Deno.test(`run warns of ${what}, and serves`, async () => {
    const host = machine(toml);
    change(host);
    const { code, out } = await serve(host);
    assert.equal(code, 0);
    assert.match(out, warning);
    assert.match(out, /Listening on/);
  });
}

Deno.test("a strict policy is not served with too much, and is once there is none", async () => {
  const host = machine("[sandbox]\nstrict = true\n");
  Object.assign(host, {
    permissions: new FlagPermissions(["--allow-net", "--allow-read=/etc/fw-dns"]),
  });
  const { code, out, err } = await host.run("run", "--policy", FILE);
  assert.equal(code, 1);
  assert.match(err, /^This program may do more than its policy needs: speak to every address\./);
  assert.doesNotMatch(out, /Listening/);
  assert.equal((await serve(machine("[sandbox]\nstrict = true\n"))).code, 0);
});

const CHECKS: readonly [
  what: string,
  toml: string,
  change: (host: FakeMachine) => void,
  RegExp | undefined,
][] = [
  ["an account that is here", RUN_AS, () => {}, undefined],
  [
    "one that is not",
    '[run_as]\nuser = "other"\n',
    () => {},
    /policy\.toml:3:8: warning: .*on this host, account other is not in \/etc\/passwd: make it/,
  ],
  [
    "a shared one",
    '[run_as]\nuser = "nobody"\n',
    () => {},
    /policy\.toml:3:8: warning: .*"nobody" is an account that others use too/,
  ],
  ["one that may not read the policy", RUN_AS, (host) => {
    host.files.factsOf.set(FILE, { uid: 0, gid: 0, mode: 0o600, isFolder: false });
  }, /policy\.toml:3:8: warning: .*a changed policy could not be loaded: fw-dns may not read/],
  ["one that cannot be looked up", RUN_AS, (host) => {
    host.files.contents["/etc/passwd"] = namedError("NotCapable", "x");
  }, undefined],
];

for (const [what, toml, change, warning] of CHECKS) {
  Deno.test(`check of a policy with ${what} ${warning ? "warns" : "says nothing"}`, async () => {
    const host = machine(toml);
    change(host);
    const { code, err } = await host.run("check", "--policy", FILE);
    assert.equal(code, 0);
    if (warning === undefined) assert.equal(err, "");
    else assert.match(err, warning);
  });
}

Deno.test("permissions prints the flags in one line, and refuses what a shell would split", async () => {
  const { code, out, err } = await machine(RUN_AS).run("permissions", "--policy", FILE);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out,
    /^--no-prompt --allow-net=\S+ --allow-read=\/etc\/fw-dns,\S+ --allow-write=\S+ --allow-env=\S+ --allow-sys --cached-only\n$/,
  );
  const file = "/my policies/policy.toml";
  const host = new FakeMachine({ [file]: UPSTREAM });
  const refused = await host.run("permissions", "--policy", file);
  assert.deepEqual([refused.code, refused.out], [1, ""]);
  assert.match(refused.err, /^Cannot write flags for "\/my policies": a shell would split/);
});

Deno.test("a reload is refused where its policy needs what was not given at the start", async () => {
  const host = machine("");
  const flags = (await machine("").run("permissions", "--policy", FILE)).out.trim().split(" ");
  Object.assign(host, { permissions: new FlagPermissions(flags) });
  const running = host.run("run", "--policy", FILE);
  await host.clock.advance(100);
  const reload = async (address: string): Promise<void> => {
    host.files.write(FILE, `allow = ["b.example"]\n[[upstream]]\naddress = "${address}"\n`);
    host.signal("SIGHUP");
    await host.clock.advance(100);
  };
  await reload("192.0.2.54");
  await reload("192.0.2.53");
  host.signal("SIGTERM");
  for (let i = 0; i < 10; i++) await host.clock.advance(100);
  const { out } = await running;
  const [refused, done] = out.split("\n").filter((line) => /^(Not reloaded|Reloaded)/.test(line));
  assert.match(
    refused!,
    /policy\.toml: .*not started with .*: --allow-net=192\.0\.2\.54:53\. Start it again/,
  );
  assert.match(done!, /^Reloaded/);
});
