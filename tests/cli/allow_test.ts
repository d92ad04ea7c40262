import assert from "node:assert/strict";
import { FakeMachine, namedError, type Ran } from "../support/fake_process.ts";

const FILE = "/etc/fw-dns/policy.toml";
const UPSTREAM = '[[upstream]]\naddress = "192.0.2.53"\n';

/** The clock of fakes stands at 2026-06-01T00:00:00Z. */
async function allow(
  files: string | Record<string, string>,
  ...args: string[]
): Promise<Ran & { readonly host: FakeMachine; readonly file: string }> {
  const host = new FakeMachine(typeof files === "string" ? { [FILE]: files } : files);
  const ran = await host.run("allow", ...args);
  return { ...ran, host, file: host.files.contents[FILE] as string };
}

/** The part in brackets depends on where the test runs. */
function withoutLocal(text: string): string {
  return text.replace(/Z \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d\)/, "Z");
}

Deno.test("a rule is added, with what it lets through, until when, and how it comes into force", async () => {
  const { code, out, err, file } = await allow(
    `allow = ["a.example"] # names\n${UPSTREAM}`,
    ...["B.example.", "--for", "2h", "--comment", "ticket 42"],
  );
  assert.equal(err, "");
  assert.equal(
    withoutLocal(out),
    `Added a rule for b.example: ${FILE}:5:1
types  A, AAAA
until  2026-06-01T02:00:00Z, in 2h
comes  into force when fw-dns loads its policy anew: systemctl reload fw-dns, or SIGHUP
`,
  );
  assert.equal(code, 0);
  assert.equal(
    file,
    `allow = ["a.example"] # names\n${UPSTREAM}\n[[rule]]\nname = "b.example"\n` +
      'expires = 2026-06-01T02:00:00Z\ncomment = "ticket 42"\n',
  );
});

Deno.test("with watch = true it says that nothing is left to do", async () => {
  const { out } = await allow(`watch = true\n${UPSTREAM}`, "b.example", "--for=90s");
  assert.match(out, /^until {2}2026-06-01T00:01:30Z.*, in 1m 30s$/m);
  assert.match(out, /^comes {2}into force within seconds where fw-dns runs \(watch = true\)$/m);
});

Deno.test("a byte order mark and CR LF stay", async () => {
  const { file, code } = await allow(
    `\ufeffwatch = true\r\n${UPSTREAM.replaceAll("\n", "\r\n")}`,
    ...["b.example", "--for", "1h"],
  );
  assert.equal(code, 0);
  assert.ok(file.startsWith("\ufeffwatch"));
  assert.ok(
    file.endsWith('\r\n\r\n[[rule]]\r\nname = "b.example"\r\nexpires = 2026-06-01T01:00:00Z\r\n'),
  );
});

const ENDING = `[[rule]] # old
name = "b.example" # b
expires = 2026-05-01T00:00:00Z # once
comment = "why"
${UPSTREAM}`;

Deno.test("a rule that has ended, or ends sooner, ends later, and nothing else changes", async () => {
  for (const end of ["2026-05-01T00:00:00Z", "2026-06-01T00:59:59Z"]) {
    const before = ENDING.replace("2026-05-01T00:00:00Z", end);
    const ran = await allow(before, "b.example", "--for", "1h", "--comment", "another");
    assert.equal(ran.code, 0);
    assert.equal(ran.file, before.replace(end, "2026-06-01T01:00:00Z"));
    assert.match(
      ran.out,
      /^Moved the end of the rule for b\.example: \S+:1:1; all else in it, its comment too, is as before$/m,
    );
  }
});

const ALLOWED: readonly [what: string, files: Record<string, string>, name: string, RegExp][] = [
  [
    "in allow",
    { [FILE]: `allow = ["*.b.example"]\n${UPSTREAM}` },
    "*.B.example",
    /^\*\.b\.example is allowed already, without an end \(\/etc\/fw-dns\/policy\.toml:1:10; A, AAAA\)\nNothing was changed\.\n$/,
  ],
  [
    "in a file of names",
    {
      [FILE]: `allow_files = ["n.txt"]\n${UPSTREAM}`,
      "/etc/fw-dns/n.txt": "x.example\nb.example\n",
    },
    "b.example",
    /^b\.example is allowed already, without an end \(\/etc\/fw-dns\/n\.txt:2:1; /,
  ],
  [
    "for longer",
    { [FILE]: ENDING.replace("2026-05-01", "2026-06-03") },
    "b.example",
    /^b\.example is allowed already, until 2026-06-03T00:00:00Z.*, in 2d \(/,
  ],
];

for (const [what, files, name, expected] of ALLOWED) {
  Deno.test(`what is allowed already, ${what}, stays as it is`, async () => {
    const { code, out, file, host } = await allow(files, name, "--for", "1h");
    assert.equal(code, 0);
    assert.match(out, expected);
    assert.equal(file, files[FILE]);
    assert.deepEqual(host.fileWriter.done, []);
  });
}

const REFUSED: readonly [what: string, policy: string, name: string, RegExp][] = [
  [
    "is bad",
    `nonsense = 1\n${UPSTREAM}`,
    "b.example",
    /^\/etc\/fw-dns\/policy\.toml:1:1: nonsense: unknown key/,
  ],
  [
    "would be hermetic with a wildcard",
    `mode = "hermetic"\n${UPSTREAM}`,
    "*.b.example",
    /^Nothing was changed: with this rule the policy would be bad\.\n\S+:5:1: rule\[1\]: "\*\.b\.example" cannot be hermetic.*\nIt would have been\n {2}\[\[rule\]\]\n {2}name = "\*\.b\.example"\n/,
  ],
  [
    "would be above its ceiling",
    `allow = ["a.example"]\n${UPSTREAM}[budget]\nbits_per_hour = 3000\n`,
    "**.b.example",
    /would be bad\.\n\S+:5:17: budget\.bits_per_hour: /,
  ],
  [
    "would fail its test",
    `${UPSTREAM}[[test]]\nname = "evil.example"\nexpect = "deny"\n`,
    "evil.example",
    /would be bad\.\n\S+:3:1: test\[1\]: evil\.example A comes out as allow/,
  ],
  [
    "has its rules in one list",
    `rule = [{ name = "a.example" }]\n${UPSTREAM}`,
    "b.example",
    /^Nothing was changed\. In \S+, rules are written as one list .*\n {2}\{ name = "b\.example", expires = /,
  ],
];

for (const [what, policy, name, expected] of REFUSED) {
  Deno.test(`exit 1 where the policy ${what}: nothing is written`, async () => {
    const { code, out, err, file, host } = await allow(policy, name, "--for", "1h");
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, expected);
    assert.equal(file, policy);
    assert.deepEqual(host.fileWriter.done, []);
  });
}

Deno.test("every problem is told", async () => {
  const { err } = await allow(
    `mode = "hermetic"\n${UPSTREAM}[hermetic]\nrate = 1\n[[rule]]\nname = "a.example"\nmin_ttl = "2s"\n`,
    ...["*.b.example", "--for", "1h"],
  );
  assert.match(err, /^\S+:5:8: hermetic\.rate: [^]*^\S+:\d+:1: rule\[2\]: /m);
});

Deno.test("an exact name is fine in a hermetic policy", async () => {
  const { code, file } = await allow(`mode = "hermetic"\n${UPSTREAM}`, "b.example", "--for", "1h");
  assert.equal(code, 0);
  assert.match(file, /name = "b\.example"/);
});

Deno.test("the warnings of check that the change brings are told, and no others", async () => {
  const policy = `allow = ["*.github.io", "deb.debian.org"]\n${UPSTREAM}`;
  const suffix = await allow(policy, "*.co.uk", "--for", "1h");
  assert.equal(
    suffix.err,
    `${FILE}:5:1: warning: rule[1]: *.co.uk lets through names that anyone can register: ` +
      "list the names that you need below co.uk\n",
  );
  assert.equal(suffix.code, 0);
  assert.equal((await allow(policy, "x.debian.org", "--for", "1h")).err, "");
});

const USAGE: readonly [args: string[], RegExp][] = [
  [["b.example"], /^fw-dns allow: --for: say for how long, like --for 2h\n$/],
  [["b.example", "--for", "7d"], /--for: "7d" is no duration: write one like /],
  [
    ["b.example", "--for", "721h"],
    /--for: "721h": write a duration from "1s" to "720h", which is 30 days/,
  ],
  [["b.example", "--for", "999ms"], /--for: "999ms": write a duration from "1s"/],
  [["*", "--for", "2h"], /^Cannot allow "\*" would allow every name/],
  [["https://b.example/x", "--for", "2h"], /write "b\.example"\n$/],
  [["--for", "2h"], /^fw-dns allow: a word is missing\nUsage: fw-dns allow NAME --for 2h /],
];

for (const [args, expected] of USAGE) {
  Deno.test(`usage: fw-dns allow ${args.join(" ")}`, async () => {
    const { code, err, host } = await allow(UPSTREAM, ...args);
    assert.equal(code, 2);
    assert.match(err, expected);
    assert.deepEqual(host.fileWriter.done, []);
  });
}

const OBSTACLES: readonly [Error, RegExp][] = [
  [
    namedError("PermissionDenied", "x"),
    /this user may not write into \/etc\/fw-dns: start this as one who may/,
  ],
  [namedError("NotCapable", "x"), /start it with --allow-write=\/etc\/fw-dns, or compile it again/],
  [
    namedError("AlreadyExists", "x"),
    /another fw-dns allow is changing it: try again; or remove \/etc\/fw-dns\/\.policy\.toml\.fw-dns-new/,
  ],
  [new Error("No space left on device"), /cannot write: No space left on device/],
];

for (const [error, expected] of OBSTACLES) {
  Deno.test(`where it cannot be written: ${error.name} ${error.message}`, async () => {
    const host = new FakeMachine({ [FILE]: UPSTREAM });
    host.fileWriter.onStep = () => {
      throw error;
    };
    const { code, out, err } = await host.run("allow", "b.example", "--for", "1h");
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^Nothing was changed\. \/etc\/fw-dns\/policy\.toml: /);
    assert.match(err, expected);
    assert.equal(host.files.contents[FILE], UPSTREAM);
  });
}

Deno.test("what could not be kept is a warning", async () => {
  const host = new FakeMachine({ [FILE]: UPSTREAM });
  host.files.factsOf.set(FILE, { uid: 5, gid: 0, mode: 0o644, isFolder: false });
  host.fileWriter.onStep = (what) => {
    if (what.startsWith("owner")) throw namedError("PermissionDenied", "EPERM");
  };
  const { code, err } = await host.run("allow", "b.example", "--for", "1h");
  assert.equal(code, 0);
  assert.equal(err, `${FILE}: warning: it belongs to user 0 now, and did to 5\n`);
});

Deno.test("the rule works, ends by itself, and check and explain say when", async () => {
  const host = new FakeMachine({ [FILE]: `allow = ["a.example"]\n${UPSTREAM}` });
  const run = async (...args: string[]): Promise<Ran> => {
    host.process.stdout.text = host.process.stderr.text = "";
    return await host.run(...args);
  };
  await run("allow", "b.example", "--for", "30m");
  await host.clock.advance(60_500);
  const explained = await run("explain", "b.example");
  assert.equal(explained.code, 0);
  assert.match(explained.out, /^until {2}2026-06-01T00:30:00Z, in 29m\b/m);
  const checked = await run("check");
  assert.deepEqual(checked, {
    code: 0,
    out: `good  ${FILE}: 2 rules, 0 tests passed, 0 warnings\n` +
      "until 2026-06-01T00:30:00Z  b.example, in 29m\n",
    err: "",
  });
  await host.clock.advance(29 * 60_000);
  assert.equal((await run("explain", "b.example")).code, 1);
  const ended = await run("check");
  assert.match(ended.err, /b\.example has expired at 2026-06-01T00:30:00\.000Z/);
  assert.doesNotMatch(ended.out, /until/);
});

Deno.test("check tells the rules that end first, and how many more there are", async () => {
  const rules = Array.from(
    { length: 22 },
    (_, i) =>
      `[[rule]]\nname = "n${i}.example"\nexpires = 2026-06-${
        String(30 - i).padStart(2, "0")
      }T00:00:00Z\n`,
  );
  const host = new FakeMachine({ [FILE]: rules.join("") + UPSTREAM });
  const lines = (await host.run("check")).out.trimEnd().split("\n");
  assert.equal(lines.length, 22);
  assert.equal(lines[1], "until 2026-06-09T00:00:00Z  n21.example, in 8d");
  assert.equal(lines[20], "until 2026-06-28T00:00:00Z  n2.example, in 27d");
  assert.equal(lines[21], "and 2 rules that end later");
});

Deno.test("other verbs give back what allow may write, before all else", async () => {
  const { main } = await import("../../src/cli/mod.ts");
  const given = async (...args: string[]): Promise<unknown> => {
    const host = new FakeMachine({ [FILE]: UPSTREAM });
    await main(args, host, "2026-06-01", ["/srv", "/etc/fw-dns"]);
    return host.permissions.givenBack;
  };
  const both = ["/srv", "/etc/fw-dns"].map((path) => ({ name: "write", path }));
  assert.deepEqual(await given("check"), both);
  assert.deepEqual(await given("allow", "b.example", "--for", "1h"), []);
});
