import assert from "node:assert/strict";
import { FakeMachine, namedError } from "../support/fake_process.ts";

const UPSTREAM = '[[upstream]]\nname = "quad9"\naddress = "9.9.9.9"\n';
const POLICY = `allow = ["api.example.com", "*.debian.org"]
${UPSTREAM}
[[rule]]
name = "db.corp.example"
upstream = "quad9"
types = ["A"]
comment = "the database"

[[rule]]
name = "old.example"
expires = 2026-01-01T00:00:00Z
`;

async function run(
  toml: string | Error,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return await new FakeMachine({ "policy.toml": toml }).run(...args, "--policy", "policy.toml");
}

const ALLOWED: readonly [string[], string][] = [
  [
    ["api.example.com"],
    "allow  api.example.com A\nrule   api.example.com (policy.toml:1:10)\nto     quad9\n",
  ],
  [
    ["DEB.debian.org.", "aaaa"],
    "allow  deb.debian.org AAAA\nrule   *.debian.org (policy.toml:1:29)\nto     quad9\n",
  ],
  [
    ["db.corp.example"],
    "allow  db.corp.example A\nrule   db.corp.example (policy.toml:6:1): the database\nto     quad9\n",
  ],
  [
    ["localhost"],
    "allow  localhost A\nrule   localhost, a special name that fw-dns answers itself\ngets   an answer made here; nothing goes upstream\n",
  ],
];

for (const [words, out] of ALLOWED) {
  Deno.test(`explain ${words.join(" ")}: exit 0`, async () => {
    assert.deepEqual(await run(POLICY, "explain", ...words), { code: 0, out, err: "" });
  });
}

const DENIED: readonly [string[], string][] = [
  [
    ["evil.example"],
    "deny  evil.example A\nwhy    reason=unlisted: no rule has this name\ngets   nothing: the query is dropped\n",
  ],
  [
    ["db.corp.example", "TYPE65"],
    "deny  db.corp.example HTTPS\nrule   db.corp.example (policy.toml:6:1): the database\n" +
    "why    reason=type: the rule lists A only\ngets   NODATA, made here; nothing goes upstream\n",
  ],
  [
    ["old.example"],
    "deny  old.example A\nwhy    reason=expired: the rule with this name has expired\ngets   nothing: the query is dropped\n",
  ],
  [
    ["use-application-dns.net"],
    "deny  use-application-dns.net A\nrule   use-application-dns.net, a special name that fw-dns answers itself\n" +
    "gets   an empty answer made here; nothing goes upstream\n",
  ],
  [
    ["."],
    "deny  . A\nwhy    reason=unlisted: no rule has this name\ngets   nothing: the query is dropped\n",
  ],
];

Deno.test("explain names the wildcard whose labels leave a name out", async () => {
  const policy = `[[upstream]]
address = "192.0.2.53"
[[rule]]
name = "*.fleet.example"
labels = "node[0-9]"
[[rule]]
name = "**.deep.example"
labels = "[a-f]"
`;
  const why = async (name: string): Promise<string | undefined> =>
    (await run(policy, "explain", name)).out.split("\n")[1];
  const none = "why    reason=unlisted: no rule has this name";
  assert.equal(
    await why("node10.fleet.example"),
    `${none}, but *.fleet.example with other labels: node[0-9]`,
  );
  assert.equal(
    await why("a.x.deep.example"),
    `${none}, but **.deep.example with other labels: [a-f]`,
  );
  for (const name of ["fleet.example", "a.node1.fleet.example", "x.myfleet.example"]) {
    assert.equal(await why(name), none, name);
  }
});

for (const [words, out] of DENIED) {
  Deno.test(`explain ${words.join(" ")}: exit 1`, async () => {
    assert.deepEqual(await run(POLICY, "explain", ...words), { code: 1, out, err: "" });
  });
}

Deno.test("explain tells what unlisted names get", async () => {
  const gets = async (unlisted: string, name: string): Promise<string> => {
    const { out } = await run(`unlisted = "${unlisted}"\n${POLICY}`, "explain", name);
    return out.split("\n").at(-2)!;
  };
  assert.equal(await gets("refused", "evil.example"), "gets   REFUSED; nothing goes upstream");
  assert.equal(
    await gets("nxdomain", "evil.example"),
    "gets   NXDOMAIN, made here; nothing goes upstream",
  );
  assert.equal(
    await gets("nxdomain", "debian.org"),
    "gets   NODATA, made here; nothing goes upstream",
  );
});

Deno.test("explain: what is no name or type is usage, and so is a bad policy", async () => {
  assert.deepEqual(await run(POLICY, "explain", "b\u00fccher.example"), {
    code: 2,
    out: "",
    err:
      'Cannot explain "b\u00fccher.example": write it in its ASCII form, "xn--bcher-kva.example"\n',
  });
  assert.deepEqual(await run(POLICY, "explain", "a.example", "FOO"), {
    code: 2,
    out: "",
    err: 'Cannot explain type "FOO": write one like AAAA or TYPE65\n',
  });
  assert.equal((await run("allow = 1", "explain", "a.example")).code, 2);
});

Deno.test("check: a good policy, with and without warnings", async () => {
  assert.deepEqual(await run(`allow = ["a.example.com"]\n${UPSTREAM}`, "check"), {
    code: 0,
    out: "good  policy.toml: 1 rule, 0 tests passed, 0 warnings\n",
    err: "",
  });
  assert.deepEqual(await run(`allow = ["*.github.io", "localhost"]\n${UPSTREAM}`, "check"), {
    code: 0,
    out: "good  policy.toml: 2 rules, 0 tests passed, 2 warnings\n",
    err:
      "policy.toml:1:10: warning: allow[1]: *.github.io lets through names that anyone can register: " +
      "list the names that you need below github.io\n" +
      "policy.toml:1:25: warning: allow[2]: localhost has no effect, because fw-dns answers localhost itself: remove the rule\n",
  });
});

Deno.test("check: every problem of a bad policy, and a failed test is one", async () => {
  assert.deepEqual(await run('allow = ["*"]\nunlisted = "no"\n', "check"), {
    code: 1,
    out: "",
    err: 'policy.toml:1:1: no upstream: write [[upstream]] and under it address = "9.9.9.9:53"\n' +
      'policy.toml:1:10: allow[1]: "*" would allow every name: write one like "*.example.com"\n' +
      'policy.toml:2:12: unlisted: write one of "drop", "refused", "nxdomain"\n',
  });
  const failing = `${POLICY}\n[[test]]\nname = "old.example"\nexpect = "allow"\n`;
  assert.deepEqual(await run(failing, "check"), {
    code: 1,
    out: "",
    err:
      'policy.toml:16:1: test[1]: old.example A comes out as deny: mend the rules, or write expect = "deny"\n',
  });
  assert.equal((await run(failing, "run")).code, 1);
});

const UNREADABLE: readonly [Error, RegExp][] = [
  [namedError("NotFound", "x"), /there is no such file: write one .* --policy FILE/],
  [namedError("PermissionDenied", "x"), /this user may not read it/],
  [namedError("IsADirectory", "x"), /it is a folder/],
  [namedError("NotCapable", "x"), /permissions .* do not cover it: start it with --allow-read=/],
  [new Error("disk on fire"), /disk on fire/],
];

for (const [error, expected] of UNREADABLE) {
  Deno.test(`a policy that cannot be read: ${error.name} ${error.message}`, async () => {
    for (const [verb, code] of [["run", 1], ["check", 1]] as const) {
      const ran = await run(error, verb);
      assert.equal(ran.code, code);
      assert.match(ran.err, /^Cannot read the policy policy\.toml: /);
      assert.match(ran.err, expected);
    }
  });
}

Deno.test("without --policy the one in /etc is read", async () => {
  const { err } = await new FakeMachine().run("check");
  assert.match(err, /Cannot read the policy \/etc\/fw-dns\/policy\.toml/);
});

Deno.test("colour is for terminals alone, and never with NO_COLOR", async () => {
  const files = { "policy.toml": POLICY };
  const args = ["explain", "api.example.com", "--policy", "policy.toml"] as const;
  const onTerminal = new FakeMachine(files, undefined, true);
  assert.ok((await onTerminal.run(...args)).out.startsWith("\u001b[32mallow"));
  const plain = new FakeMachine(files, undefined, true);
  Object.assign(plain.process, { noColor: true });
  assert.match((await plain.run(...args)).out, /^allow/);
});

Deno.test("explain says of a hermetic rule that the question causes nothing", async () => {
  const policy = 'mode = "hermetic"\nallow = ["a.example"]\n[[upstream]]\naddress = "9.9.9.9"\n';
  const { out } = await new FakeMachine({ p: policy }).run("explain", "a.example", "--policy", "p");
  assert.match(
    out,
    /^when {3}by a plan of fw-dns's own; this question causes nothing \(hermetic\)$/m,
  );
});
