/** From a captured day of a machine's look-ups to a policy, and back (scripts/learn/capture.sh made the logs). */

import assert from "node:assert/strict";
import { readLine } from "../../src/learn/read_line.ts";
import { asked, decide } from "../../src/policy/mod.ts";
import { TYPE, typeNumber } from "../../src/wire/mod.ts";
import { policyFrom } from "../support/policies.ts";
import { FakeMachine, namedError, type Ran } from "../support/fake_process.ts";

const NOW = Date.UTC(2026, 11, 1);
const UPSTREAM = '[[upstream]]\naddress = "9.9.9.9"\n';

function logOf(name: string): string {
  return Deno.readTextFileSync(new URL(`../learn/logs/${name}.log`, import.meta.url));
}

function machineWith(files: Readonly<Record<string, string | Error>>): FakeMachine {
  const machine = new FakeMachine(files);
  machine.clock.setWall(NOW);
  return machine;
}

async function learn(log: string): Promise<Ran> {
  return await machineWith({ log }).run("learn", "log");
}

/** The look-ups of the day that a program was right to make, besides those of names that need no rule. */
const LEGITIMATE = [
  ..."deb.debian.org security.debian.org packages.nodejs.org github.com api.github.com".split(" "),
  ..."objects.githubusercontent.com pypi.org files.pythonhosted.org index.crates.io".split(" "),
  ..."static.crates.io ghcr.io db.corp.example printer.corp.example".split(" "),
  ...Array.from({ length: 4 }, (_, i) => `${i}.debian.pool.ntp.org`),
  ...Array.from(
    { length: 12 },
    (_, i) => `build-${String(i + 1).padStart(2, "0")}.fleet.example.net`,
  ),
  ...Array.from({ length: 10 }, (_, i) => `productionresultssa${i}.blob.core.windows.net`),
];

/** With the types that the programs asked for, besides addresses. */
const TYPED: Readonly<Record<string, string>> = {
  "_http._tcp.deb.debian.org": "SRV",
  "_http._tcp.security.debian.org": "SRV",
  "debian.org": "MX",
};

Deno.test("a captured day: the policy that is learned is clean, allows what programs need, and nothing that was planted", async () => {
  const day = logOf("day");
  const { code, out, err } = await learn(day);
  assert.deepEqual([code, err], [0, ""]);
  const toml = `${out}\n${UPSTREAM}`;
  assert.deepEqual(await machineWith({ p: toml }).run("check", "--policy", "p"), {
    code: 0,
    out: "good  p: 32 rules, 0 tests passed, 0 warnings\n",
    err: "",
  });
  const policy = policyFrom(toml);
  const isAllowed = (name: string, type: number): boolean =>
    decide(policy, asked({ name, type }), NOW).kind === "allow";
  for (const name of LEGITIMATE) {
    for (const type of [TYPE.A, TYPE.AAAA]) assert.ok(isAllowed(name, type), name);
  }
  for (const [name, type] of Object.entries(TYPED)) {
    assert.ok(isAllowed(name, typeNumber(type)!), name);
    assert.ok(!isAllowed(name, TYPE.A), name);
  }
  let planted = 0;
  for (const line of day.trimEnd().split("\n").map((text) => readLine(text, NOW))) {
    if (line.kind !== "look-up") continue;
    const { name = "", type } = line.lookUp;
    if (!/\.(exfil-(hex|short|32|64)|tunnel)\.example$/.test(name)) continue;
    planted++;
    assert.ok(!isAllowed(name, type), name);
  }
  assert.equal(planted, 77);
});

Deno.test("a captured day: the policy is one that a person would have written", async () => {
  const { out } = await learn(logOf("day"));
  const rules = out.split("\n# Set apart.")[0]!.split("\n").filter((line) => !line.startsWith("#"));
  assert.deepEqual(rules.map((line) => line.replace(/ +#.*$/, "")).join("\n").trim().split("\n"), [
    "allow = [",
    '  "db.corp.example",',
    '  "printer.corp.example",',
    '  "index.crates.io",',
    '  "static.crates.io",',
    '  "deb.debian.org",',
    '  "security.debian.org",',
    '  "metadata.gone.example.net",',
    '  "ghcr.io",',
    '  "github.com",',
    '  "api.github.com",',
    '  "packages.nodejs.org",',
    ...Array.from({ length: 4 }, (_, i) => `  "${i}.debian.pool.ntp.org",`),
    '  "objects.githubusercontent.com",',
    ...Array.from({ length: 10 }, (_, i) => `  "productionresultssa${i}.blob.core.windows.net",`),
    '  "pypi.org",',
    '  "files.pythonhosted.org",',
    "]",
    "",
    "[[rule]]",
    'name = "debian.org"',
    'types = ["MX"]',
    "",
    "[[rule]]",
    'name = "_http._tcp.deb.debian.org"',
    'types = ["SRV"]',
    "",
    "[[rule]]",
    'name = "_http._tcp.security.debian.org"',
    'types = ["SRV"]',
    "",
    "[[rule]]",
    'name = "*.fleet.example.net"',
    'labels = "build-(0[1-9]|1[0-2])"',
  ]);
});

Deno.test("with the learned policy nothing is left to propose", async () => {
  const day = logOf("day");
  const p = `${(await learn(day)).out}\n${UPSTREAM}`;
  const { code, out } = await machineWith({ day, p }).run("learn", "day", "--policy", "p");
  assert.equal(code, 0);
  assert.match(out, /^# Proposed by fw-dns learn: 0 rules, from 368 lines of logs\.$/m);
  assert.match(out, /^# Left out, because the policy allows them already: 43 names\.$/m);
  assert.equal(out.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length, 0);
});

const LOGS: Readonly<Record<string, number>> = {
  // It does not show one of the names.
  "dnsmasq-extra": 12,
  unbound: 13,
  "unbound-both": 13,
  "unbound-replies": 13,
};

for (const [log, lookUps] of Object.entries(LOGS)) {
  Deno.test(`the same look-ups, as ${log} has them: every line is known, and none is forged`, async () => {
    const { code, out } = await learn(logOf(log));
    assert.equal(code, 0);
    assert.match(out, new RegExp(`; ${lookUps} look-ups, 1 client,`));
    assert.match(out, /of no log that is known: 0\./);
    const rules = out.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    assert.deepEqual(rules.map((line) => line.replace(/ +#.*$/, "")), [
      "allow = [",
      '  "mixed.example.net",',
      "]",
      "[[rule]]",
      'name = "www.example.net"',
      'types = ["A", "AAAA", "HTTPS"]',
      "[[rule]]",
      'name = "_http._tcp.www.example.net"',
      'types = ["SRV"]',
    ]);
  });
}

Deno.test("logs of several kinds at once, one of them on standard input", async () => {
  const machine = machineWith({ a: "Drop packet a.com A from ::1, reason unlisted\nnoise\n" });
  machine.input = "query[A] b.com from ::1\r\nquery[AAAA] a.com from 10.0.0.7";
  const { code, out } = await machine.run("learn", "a", "-");
  assert.equal(code, 0);
  assert.match(out, /^ {2}"a\.com", # 2 look-ups, 2 clients$/m);
  assert.match(out, /^ {2}"b\.com", # 1 look-up, 1 client$/m);
  assert.match(out, /of no log that is known: 1\.$/m);
});

Deno.test("a type that its rule does not list is for that rule, and not a rule of its own", async () => {
  const line =
    '{"event":"query","client":"::1","name":"a.com","type":"HTTPS","verdict":"nodata","reason":"type"}';
  const { out } = await learn(line);
  assert.match(out, /^# {3}"a\.com" HTTPS {2}# 1 look-up, 1 client$/m);
  assert.doesNotMatch(out, /^allow|^\[\[rule/m);
});

const FAILURES: readonly [log: string | Error, err: RegExp][] = [
  [namedError("NotFound", "x"), /^Cannot read the log log: there is no such file/],
  [namedError("NotCapable", "x"), /^Cannot read the log log: the permissions .* standard input/],
  ["", /^No look-up found: there is no line/],
  ["noise\n", /^No look-up found: no line is of a known log/],
  ["Listening on 127.0.0.1:53\n", /^No look-up found that a policy would have to allow/],
];

for (const [log, err] of FAILURES) {
  Deno.test(`learn fails: ${err.source}`, async () => {
    const ran = await machineWith({ log }).run("learn", "log");
    assert.deepEqual([ran.code, ran.out], [1, ""]);
    assert.match(ran.err, err);
  });
}

Deno.test("a line without an end does not fill memory, and is no look-up", async () => {
  const { code, out } = await learn(
    `query[A] ${"x".repeat(100_000)}.com from ::1\nquery[A] a.com from ::1\n`,
  );
  assert.equal(code, 0);
  assert.match(out, /from 2 lines of logs/);
  assert.match(out, /of no log that is known: 1\.$/m);
});

Deno.test("the guide shows what is printed", async () => {
  const guide = Deno.readTextFileSync(new URL("../../docs/guides/learning.md", import.meta.url));
  const [, block = ""] = /^```toml\n([\s\S]*?)^```/m.exec(guide) ?? [];
  const squeeze = (line: string): string => line.replace(/ +/g, " ");
  const printed = new Set((await learn(logOf("day"))).out.split("\n").map(squeeze));
  const lines = block.trimEnd().split("\n").map(squeeze);
  assert.ok(lines.length > 20);
  assert.deepEqual(lines.filter((line) => !printed.has(line)), []);
});
