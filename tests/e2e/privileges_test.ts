/** Started as root with `run_as`, on port 53, in namespaces of its own: looked at from outside. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { runInNamespaces } from "../../scripts/namespaces.ts";
import { ACCOUNT, type Seen, type Visit } from "../support/account_room.ts";
import { ROOT, runToEnd } from "../support/program.ts";

const { uid, gid } = ACCOUNT;
const SOME: Omit<Visit, "folder"> = { folderMode: 0o755, runAs: 'user = "fw-dns"' };

async function visit(changes: Partial<Visit> = {}): Promise<Seen> {
  const folder = Deno.makeTempDirSync({ prefix: "fw-dns-account-" });
  try {
    return await runInNamespaces<Seen>(
      new URL("../support/account_room.ts", import.meta.url),
      JSON.stringify({ folder, ...SOME, ...changes }),
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const four = (id: number): string => Array(4).fill(id).join(" ");
const none = "0".repeat(16);

/** What every thread must show. */
function nothingLeft(groups = ""): string {
  return `Uid: ${four(uid)}, Gid: ${
    four(gid)
  }, Groups:${groups}, CapPrm: ${none}, CapEff: ${none}, CapAmb: ${none}`;
}

function checkServed({ answers, code, err }: Seen): void {
  assert.deepEqual(answers, [["192.0.2.10"], ["192.0.2.10"]]);
  assert.deepEqual([code, err], [0, ""]);
}

Deno.test("started as root, no thread has anything left of it, and port 53 is served over UDP and TCP", async () => {
  const seen = await visit();
  assert.deepEqual(seen.threads, [nothingLeft()]);
  checkServed(seen);
  assert.match(
    seen.out,
    /^Listening on 127\.0\.0\.1:53\nRunning as fw-dns \(uid 4242\), with no privilege left$/m,
  );
  assert.doesNotMatch(seen.out, /Warning/);
});

Deno.test("after that it still reloads, and still cannot take a port below 1024", async () => {
  const names = await visit({ reload: ['"api.example.com"', '"api.example.com", "b.example"'] });
  assert.match(names.out, /^Reloaded .*policy\.toml: 2 rules$/m);
  const broken = await visit({ reload: ["allow", "alow"] });
  assert.match(broken.out, /^Not reloaded, .*policy\.toml:1:1: alow: unknown key/m);
  const port = await visit({
    reload: ["[run_as]", '[listen]\naddresses = ["127.0.0.2:54"]\n[run_as]'],
  });
  assert.match(port.out, /^Not reloaded, .*127\.0\.0\.2:54: a port below 1024 needs a privilege/m);
  checkServed(port);
});

Deno.test("code in the process cannot become root again, even if it kept the runtime's permission", async () => {
  const atSignal = `
    const told = ["setuid", "setgid"].map((name) => {
      try { process[name](0); return name + " could"; } catch (error) { return error.code; }
    });
    console.log("planted: " + told + " " + process.getuid());`;
  const before = "Deno.permissions.revokeSync = () => ({});";
  const { out } = await visit({ planted: { before, atSignal } });
  assert.match(out, /^planted: EPERM,EPERM 4242$/m);
});

Deno.test("started as root and locked down, it reaches its upstream, and from port 53 its clients alone", async () => {
  const before = `
    const open = Deno.listenDatagram;
    let listening;
    Deno.listenDatagram = (options) => {
      const socket = open(options);
      if (options.port === 53) listening = socket;
      return socket;
    };`;
  const atSignal = `
    listening.send(new Uint8Array(1), { transport: "udp", hostname: "127.0.0.1", port: 4711 })
      .then(() => "it could", (error) => error.code)
      .then((told) => console.log("planted: " + told));`;
  const seen = await visit({ isLockedDown: true, planted: { before, atSignal } });
  checkServed(seen);
  assert.match(seen.out, /^planted: EPERM$/m);
});

Deno.test("with other supplementary groups it refuses before it binds, and says what mends it", async () => {
  const { out, err, code } = await visit({ prefix: ["setpriv", "--groups", "4,27", "--"] });
  assert.equal(code, 1);
  assert.doesNotMatch(out, /Listening/);
  assert.match(
    err,
    /^Cannot become fw-dns: this process is in the groups 4, 27 too, which Deno cannot leave\.\n/,
  );
  assert.match(
    err,
    /setpriv --reuid fw-dns --regid 4243 --clear-groups .*\n[^]*AmbientCapabilities=CAP_NET_BIND_SERVICE\n$/,
  );
});

Deno.test("what the refusal says to write works: one capability, none of root's", async () => {
  const words =
    "setpriv --reuid fw-dns --regid 4243 --clear-groups --inh-caps=-all,+net_bind_service --ambient-caps=+net_bind_service";
  const seen = await visit({ prefix: words.split(" ") });
  const bind = (1 << 10).toString(16).padStart(16, "0");
  assert.deepEqual(seen.threads, [nothingLeft().replaceAll(none, bind)]);
  checkServed(seen);
});

Deno.test("root's own group is warned of, and the groups of the account are not", async () => {
  const roots = await visit({ prefix: ["setpriv", "--groups", "0", "--"] });
  assert.deepEqual(roots.threads, [nothingLeft(" 0")]);
  assert.match(roots.out, /Warning: As fw-dns this is still in root's group \(0\)/);
  checkServed(roots);
  const own = await visit({ prefix: ["setpriv", "--groups", String(gid), "--"] });
  assert.doesNotMatch(own.out, /Warning/);
  checkServed(own);
});

Deno.test("a policy that the account may not read is warned of, as it could not be loaded anew", async () => {
  const seen = await visit({ folderMode: 0o700 });
  assert.match(
    seen.out,
    /Warning: A changed policy could not be loaded: fw-dns may not enter .*\/policy: chmod o\+x /,
  );
  checkServed(seen);
});

Deno.test("an account or a group that is not there ends it, with the command that makes it", async () => {
  const user = await visit({ runAs: 'user = "other"' });
  assert.match(user.err, /^Cannot become other: account other is not in \/etc\/passwd: .*useradd/);
  const group = await visit({ runAs: 'user = "fw-dns"\ngroup = "other"' });
  assert.match(group.err, /^Cannot become fw-dns: group other is not in \/etc\/group: .*groupadd/);
  for (const { code, out } of [user, group]) {
    assert.equal(code, 1);
    assert.doesNotMatch(out, /Listening/);
  }
});

const compiled = Deno.makeTempDirSync({ prefix: "fw-dns-compiled-" });
const { code, err } = await runToEnd(
  {
    command: Deno.execPath(),
    args: ["run", "--no-prompt", "--allow-all", "scripts/compile.ts"],
    env: Deno.env.toObject(),
    folder: ROOT,
  },
  "--output",
  join(compiled, "fw-dns"),
);
const hasNoBase = code !== 0 && err.includes("DENORT_BIN=");
const why = " (skipped: the runtime base of deno compile cannot be had here)";
Deno.test({
  name: `the compiled program does the same${hasNoBase ? why : ""}`,
  ignore: hasNoBase,
  fn: async () => {
    assert.equal(code, 0, err);
    const seen = await visit({ program: join(compiled, "fw-dns") });
    assert.deepEqual(seen.threads, [nothingLeft()]);
    checkServed(seen);
    assert.match(seen.out, /^Running as fw-dns \(uid 4242\), with no privilege left$/m);
  },
});

Deno.test("afterwards nothing is left behind", () => {
  Deno.removeSync(compiled, { recursive: true });
});
