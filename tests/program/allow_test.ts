/** `fw-dns allow` with real files, and that a program which serves has not kept what it may. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import {
  askOnce,
  type Finished,
  fromSource,
  fromSourceFor,
  type Launch,
  ROOT,
  runToEnd,
  ServingProgram,
  writePolicy,
} from "../support/program.ts";

const POLICY = `allow = ["localhost"]
[listen]
addresses = ["127.0.0.1:0"]
[[upstream]]
address = "192.0.2.53" # kept
`;

/** With the right to read and write in one folder. */
function launchIn(folder: string, ...more: readonly string[]): Launch {
  return fromSource(["--no-prompt", `--allow-read=${folder}`, `--allow-write=${folder}`, ...more]);
}

async function allow(folder: string, file: string, ...words: string[]): Promise<Finished> {
  return await runToEnd(launchIn(folder), "allow", ...words, "--policy", file);
}

const left = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("the rule is in the file, its bits are as they were, and nothing lies beside it", async () => {
  using policy = writePolicy(POLICY);
  Deno.chmodSync(policy.file, 0o604);
  const before = Deno.statSync(policy.file);
  const { code, out, err } = await allow(policy.folder, policy.file, "b.example", "--for", "2h");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^Added a rule for b\.example: .*\/policy\.toml:7:1\n/);
  const text = Deno.readTextFileSync(policy.file);
  assert.ok(text.startsWith(`${POLICY}\n[[rule]]\nname = "b.example"\nexpires = 20`), text);
  const after = Deno.statSync(policy.file);
  assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
  assert.notEqual(after.ino, before.ino);
  assert.deepEqual(left(policy.folder), ["policy.toml"]);
});

Deno.test({
  name: "started by root, owner and group stay",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    using policy = writePolicy(POLICY);
    Deno.chownSync(policy.file, 4711, 4712);
    Deno.chmodSync(policy.file, 0o640);
    assert.equal((await allow(policy.folder, policy.file, "b.example", "--for", "2h")).code, 0);
    const { uid, gid, mode } = Deno.statSync(policy.file);
    assert.deepEqual([uid, gid, mode! & 0o7777], [4711, 4712, 0o640]);
  },
});

Deno.test("of a symbolic link the target is replaced, and the link stays", async () => {
  using policy = writePolicy(POLICY);
  const link = join(policy.folder, "link.toml");
  Deno.symlinkSync("policy.toml", link);
  assert.equal((await allow(policy.folder, link, "b.example", "--for", "2h")).code, 0);
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.match(Deno.readTextFileSync(policy.file), /b\.example/);
  assert.deepEqual(left(policy.folder), ["link.toml", "policy.toml"]);
});

Deno.test("several at once: each that says so has added its rule, and none was lost", async () => {
  using policy = writePolicy(POLICY);
  const names = Array.from({ length: 6 }, (_, i) => `n${i}.example`);
  const ran = await Promise.all(
    names.map((name) => allow(policy.folder, policy.file, name, "--for", "2h")),
  );
  const text = Deno.readTextFileSync(policy.file);
  for (const [i, { code, err }] of ran.entries()) {
    assert.equal(text.includes(`"${names[i]}"`), code === 0, err);
    if (code !== 0) {
      assert.match(err, /(changed by somebody else|another fw-dns allow).*: try again/);
    }
  }
  assert.ok(ran.some(({ code }) => code === 0));
  assert.deepEqual(left(policy.folder), ["policy.toml"]);
  assert.equal((await runToEnd(launchIn(policy.folder), "check", "--policy", policy.file)).code, 0);
});

Deno.test("a reader finds a whole policy at every moment", async () => {
  using policy = writePolicy(POLICY);
  let isOver = false;
  const seen = new Set<string>();
  const reading = (async () => {
    while (!isOver) seen.add(await Deno.readTextFile(policy.file));
  })();
  await allow(policy.folder, policy.file, "b.example", "--for", "2h");
  isOver = true;
  await reading;
  const now = Deno.readTextFileSync(policy.file);
  for (const text of seen) assert.ok(text === POLICY || text === now, text);
});

Deno.test("without the right to write it says which, and changes nothing", async () => {
  using policy = writePolicy(POLICY);
  const launch = fromSource(["--no-prompt", `--allow-read=${policy.folder}`]);
  const ran = await runToEnd(launch, "allow", "b.example", "--for", "2h", "--policy", policy.file);
  assert.equal(ran.code, 1);
  assert.match(ran.err, new RegExp(`start it with --allow-write=${policy.folder}, or compile`));
  assert.equal(Deno.readTextFileSync(policy.file), POLICY);
});

Deno.test("with watch = true a program that serves takes the rule up, and drops it when it has ended", async () => {
  using policy = writePolicy(
    `watch = true\nunlisted = "refused"\n${POLICY.replace("192.0.2.53", "127.0.0.1:9")}`,
  );
  const program = await ServingProgram.start(await fromSourceFor(policy.file), policy.file);
  const ask = async (): Promise<string> =>
    decodeReply(await askOnce(program.address, query({ name: "b.example" }))).rcode;
  assert.equal(await ask(), "REFUSED");
  // Its upstream is none, but it may ask it now.
  await allow(policy.folder, policy.file, "b.example", "--for", "8s");
  await program.waitFor(/^Reloaded .*: 2 rules$/m);
  const end = Date.parse(/expires = (\S+)/.exec(Deno.readTextFileSync(policy.file))![1]!);
  const rcode = await ask();
  // On a machine that stands still for so long it may have ended by now.
  if (Date.now() < end) assert.equal(rcode, "SERVFAIL");
  while (Date.now() < end) await new Promise((resolve) => setTimeout(resolve, end - Date.now()));
  assert.equal(await ask(), "REFUSED");
  assert.equal(await program.stop(), 0);
});

/** At SIGUSR2 it tries to write, in the folder and elsewhere; a line for each. */
function planted(folder: string, writable: readonly string[]): string {
  return `
  import { start } from "${ROOT}/main.ts";
  const attempt = (what, act) => {
    try {
      act();
      console.log(what + ": it could");
    } catch (error) {
      console.log(what + ": " + error.name);
    }
  };
  Deno.addSignalListener("SIGUSR2", () => {
    attempt("write", () => Deno.writeTextFileSync("${folder}/planted", "x"));
    attempt("change", () => Deno.writeTextFileSync("${folder}/policy.toml", "x"));
    attempt("rename", () => Deno.renameSync("${folder}/policy.toml", "${folder}/planted"));
    attempt("mode", () => Deno.chmodSync("${folder}/policy.toml", 0o777));
    attempt("elsewhere", () => Deno.writeTextFileSync("/etc/fw-dns/planted", "x"));
    console.log("all tried");
  });
  await start(undefined, ${JSON.stringify(writable)});
`;
}

/** Serves a policy, permitted to write in a folder besides, and tells what planted code could do there. */
async function tryPlanted(
  policy: { readonly file: string; readonly folder: string },
  folder: string,
  writable: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const entry = join(policy.folder, "planted.ts");
  Deno.writeTextFileSync(entry, planted(folder, writable));
  const sockets = "/run/fw-dns/notify.sock,/run/systemd/notify";
  const launch = fromSource([
    "--no-prompt",
    "--allow-net=127.0.0.0/8,0.0.0.0:0,192.0.2.53:53",
    `--allow-read=${policy.folder},${sockets}`,
    `--allow-write=${folder},/etc/fw-dns,${sockets}`,
    "--allow-env=NOTIFY_SOCKET,WATCHDOG_USEC,WATCHDOG_PID",
  ], entry);
  const program = await ServingProgram.start(
    { ...launch, env: { ...launch.env, ...env } },
    policy.file,
  );
  Deno.kill(program.pid, "SIGUSR2");
  await program.waitFor(/^all tried$/m);
  const reply = decodeReply(await askOnce(program.address, query({ name: "localhost" })));
  assert.deepEqual(reply.answers, ["127.0.0.1"]);
  assert.equal(await program.stop(), 0);
  return program.out.split("\n").filter((line) => /^[a-z]+: \w/.test(line));
}

const REFUSED = ["write", "change", "rename", "mode", "elsewhere"]
  .map((what) => `${what}: NotCapable`);

const UNITS: readonly [string, Readonly<Record<string, string>>][] = [
  ["by itself", {}],
  ["under systemd, for which it keeps other files", { NOTIFY_SOCKET: "/run/systemd/notify" }],
];

for (const [what, env] of UNITS) {
  Deno.test(`a program that serves ${what} cannot change its policy any more`, async () => {
    using policy = writePolicy(POLICY);
    assert.deepEqual(await tryPlanted(policy, policy.folder, [], env), REFUSED);
    assert.equal(Deno.readTextFileSync(policy.file), POLICY);
  });
}

Deno.test("what was compiled in for a policy elsewhere is given back too", async () => {
  using policy = writePolicy(POLICY);
  using other = writePolicy(POLICY);
  const writable = [other.folder, "/etc/fw-dns"];
  const env = { NOTIFY_SOCKET: "/run/systemd/notify" };
  assert.deepEqual(await tryPlanted(policy, other.folder, writable, env), REFUSED);
  assert.equal(Deno.readTextFileSync(other.file), POLICY);
});
