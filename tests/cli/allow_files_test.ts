import assert from "node:assert/strict";
import { settle } from "../support/fake_clock.ts";
import { FakeMachine, namedError } from "../support/fake_process.ts";

const FOLDER = "/etc/fw-dns";
const FILE = `${FOLDER}/policy.toml`;
const NAMES = `${FOLDER}/names.txt`;
const POLICY = `allow = ["a.example"]\nallow_files = ["names.txt"]\n` +
  '[[upstream]]\nname = "quad9"\naddress = "192.0.2.53"\n';

function machine(names: string | Error, policy = POLICY): FakeMachine {
  return new FakeMachine({ [FILE]: policy, [NAMES]: names });
}

Deno.test("check counts the names in files, and tells their problems with file and line", async () => {
  const good = await machine("b.example\nc.example\n").run("check", "--policy", FILE);
  assert.equal(
    good.out,
    `good  ${FILE}: 1 rule, 2 names in files, 0 tests passed, 0 warnings\n`,
  );
  const bad = await machine("b.example\nb.example\n").run("check", "--policy", FILE);
  assert.deepEqual(bad, {
    code: 1,
    out: "",
    err:
      `${NAMES}:2:1: "b.example" stands here a second time: keep one, the first is at ${NAMES}:1:1\n`,
  });
});

Deno.test("a path is seen from the policy's folder, however the policy is named", async () => {
  const host = new FakeMachine({ "p.toml": POLICY, "names.txt": "ü" });
  const { err } = await host.run("check", "--policy", "p.toml");
  assert.equal(err, 'names.txt:1:1: "ü": write it in its ASCII form, "xn--tda"\n');
});

const UNREADABLE: readonly [error: Error, says: RegExp][] = [
  [namedError("NotFound", "No such file"), /there is no such file: write one, or take it out/],
  [namedError("PermissionDenied", "EACCES"), /this user may not read it: let it read the file/],
  [namedError("IsADirectory", "EISDIR"), /it is a folder: name the file in it/],
  [namedError("NotCapable", "no"), /start it with --allow-read=FOLDER for the file's folder/],
  [new Error("it is larger than 64 MiB"), /it is larger than 64 MiB/],
];

for (const [error, says] of UNREADABLE) {
  Deno.test(`a file of names that cannot be read is told where the policy names it: ${error.name} ${error.message}`, async () => {
    const { code, err } = await machine(error).run("check", "--policy", FILE);
    assert.equal(code, 1);
    assert.ok(err.startsWith(`${FILE}:2:16: allow_files[1]: cannot read ${NAMES}: `), err);
    assert.match(err, says);
  });
}

Deno.test("explain says in which line of which file a rule stands", async () => {
  const host = machine("# x\n\n  *.b.example # why\n");
  assert.deepEqual(await host.run("explain", "x.b.example", "--policy", FILE), {
    code: 0,
    out: `allow  x.b.example A\nrule   *.b.example (${NAMES}:3:3)\nto     quad9\n`,
    err: "",
  });
});

Deno.test("audit has a line for each file", async () => {
  const { out } = await machine("b.example\nc.example\n*.d.example\n").run(
    "audit",
    "--policy",
    FILE,
  );
  assert.match(out, new RegExp(`^${NAMES} +forward +4 pairs +5,544\\.6`, "m"));
  assert.match(
    out,
    new RegExp(`^the wildcards of ${NAMES} +forward +more than 2\\^\\d+ names`, "m"),
  );
});

Deno.test("permissions let the folder of each file of names be read", async () => {
  const policy = POLICY.replace('["names.txt"]', '["/srv/lists/names.txt"]');
  const host = new FakeMachine({ [FILE]: policy, "/srv/lists/names.txt": "b.example" });
  const { out } = await host.run("permissions", "--policy", FILE);
  assert.match(out, / --allow-read=\/etc\/fw-dns,\/srv\/lists[, ]/);
});

Deno.test("a file of names that the account may not read is warned of", async () => {
  const host = machine("b.example", `${POLICY}[run_as]\nuser = "fw-dns"\n`);
  host.files.contents["/etc/passwd"] = "fw-dns:x:990:990::/:/bin/false\n";
  host.files.contents["/etc/group"] = "fw-dns:x:990:\n";
  host.files.factsOf.set(NAMES, { uid: 0, gid: 0, mode: 0o600, isFolder: false });
  const { err } = await host.run("check", "--policy", FILE);
  assert.match(err, new RegExp(`could not be loaded: fw-dns may not read ${NAMES}`));
});

/** Enough lines for others to get their turn in between. */
const MANY = Array.from({ length: 50_000 }, (_, i) => `n${i}.example\n`).join("");

Deno.test("how far loading is shows on a terminal when it takes over a second, and goes away", async () => {
  for (const isTerminal of [true, false]) {
    const host = machine(MANY);
    Object.assign(host.process.stderr, { isTerminal });
    // Each look at the clock takes a while.
    let now = 0;
    host.clock.monotonic = () => now += 300;
    const { code, err } = await host.run("check", "--policy", FILE);
    assert.equal(code, 0);
    if (!isTerminal) assert.equal(err, "");
    else {
      const shown = err.split("\r\x1b[K");
      assert.match(shown.at(-2)!, /^reading \/etc\/fw-dns\/names\.txt: \d\d,\d{3} lines$/);
      assert.equal(shown.at(-1), "", "it goes away");
    }
  }
});

Deno.test("where loading is quick nothing is shown", async () => {
  const host = machine(MANY);
  Object.assign(host.process.stderr, { isTerminal: true });
  assert.equal((await host.run("check", "--policy", FILE)).err, "");
});

Deno.test("a file of names is watched with the policy, and no more once it is not named", async () => {
  const host = machine("b.example\n", `watch = true\n${POLICY}`);
  const ended = host.run("run");
  const logOf = async (action: () => void): Promise<string[]> => {
    await host.clock.advance(100);
    const before = host.process.stdout.text.length;
    action();
    await settle();
    await host.clock.advance(1000);
    await settle();
    return host.process.stdout.text.slice(before).match(/^(Reloaded|Not reloaded).*$/gm) ?? [];
  };
  const write = (file: string, text: string) => logOf(() => host.files.write(file, text));
  assert.deepEqual(await write(NAMES, "b.example\nc.example\n"), [`Reloaded ${FILE}: 3 rules`]);
  assert.deepEqual(await write(NAMES, "b.example\nü\n"), [
    `Not reloaded, the policy from before stays in force: ${NAMES}:2:1: "ü": write it in its ASCII form, "xn--tda"`,
  ]);
  assert.deepEqual(await write(NAMES, "b.example\n"), [`Reloaded ${FILE}: 2 rules`]);
  const without = `watch = true\n${POLICY.replace(/^allow_files.*\n/m, "")}`;
  assert.deepEqual(await write(FILE, without), [`Reloaded ${FILE}: 1 rule`]);
  assert.deepEqual(await write(NAMES, "d.example\n"), []);
  assert.equal(host.files.watched, 1);
  host.signal("SIGTERM");
  for (let i = 0; i < 10; i++) await host.clock.advance(100);
  await ended;
});
