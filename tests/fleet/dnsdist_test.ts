import assert from "node:assert/strict";
import { differenceProblems, type Exported, exportFor } from "../../src/fleet/mod.ts";
import { DNSDIST } from "../../src/fleet/dnsdist/mod.ts";
import { type Policy, reservedSubnets } from "../../src/policy/mod.ts";
import { policyFrom, policyWithLists } from "../support/policies.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

function exported(policy: Policy): Exported {
  return exportFor(DNSDIST, "dnsdist", { policy, file: "policy.toml", now: NOW, changed: 0 });
}

function textOf(toml: string): string {
  return exported(policyFrom(toml)).pieces.join("");
}

/** The names in each call that adds some, as `one 3: a b`. */
function namesIn(text: string): string[] {
  const calls = text.matchAll(/^add(?:Exact|Wildcards)\((.*), \[\[\n([^\]]*)\n\]\]\)$/gm);
  return Array.from(
    calls,
    ([, to, names]) => `${to!.replace(",", "")}: ${names!.split("\n").join(" ")}`,
  );
}

/** The fields of the groups, in order. */
function groupsIn(text: string): string[] {
  const groups = text.matchAll(/^groups\[\d+\] = \{\n([\s\S]*?)^\}$/gm);
  return Array.from(groups, ([, fields]) => fields!);
}

function refusals(toml: string): string[] {
  const policy = policyFrom(toml);
  return exported(policy).differences.all
    .flatMap((one) => differenceProblems(policy, DNSDIST.title, one)).map(({ message }) => message);
}

Deno.test("names stand together by their reach and by what their rules say", () => {
  const text = textOf(`
allow = ["a.example", "c.example", "*.b.example", "**.d.example"]
[[rule]]
name = "mail.example"
types = ["MX", "A"]
`);
  assert.deepEqual(namesIn(text), [
    "1: a.example c.example",
    "one 2: b.example",
    "many 2: d.example",
    "3: mail.example",
  ]);
  const [plain, wildcard, mail] = groupsIn(text);
  assert.match(plain!, /types = \{ \[1\] = true, \[28\] = true \},/);
  assert.match(plain!, /isWildcard = false/);
  assert.match(wildcard!, /isWildcard = true/);
  assert.match(mail!, /types = \{ \[1\] = true, \[15\] = true \},/);
});

Deno.test("exact names are asked for in their sets before all other names", () => {
  const text = textOf(`allow = ["a.example", "*.b.example"]`);
  const [exact, other] = [
    "addAction(QNameSetRule(exact[1]), onExact(groups[1]))",
    "LuaFFIAction(onOther)",
  ]
    .map((action) => text.indexOf(action));
  assert.ok(exact! > 0 && exact! < other!);
  assert.ok(!text.includes("QNameSetRule(exact[2])"), "wildcards have no set of exact names");
});

Deno.test("what names are answered here comes before every rule", () => {
  const text = textOf(`allow = ["a.example"]`);
  const special = text.indexOf('addAction(named("localhost")');
  assert.ok(special > text.indexOf("addAction(TrailingDataRule(), DropAction())"));
  assert.ok(special < text.indexOf("addAction(QNameSetRule"));
});

Deno.test("a rule says when it expires, and past ones stay, so that what is above their names is known", () => {
  const text = textOf(`
[[rule]]
name = "old.example"
expires = 2020-01-01T00:00:00Z
`);
  assert.match(groupsIn(text)[0]!, /-- 2020-01-01T00:00:00.000Z\n\s*expires = 1577836800,/);
  assert.deepEqual(namesIn(text), ["1: old.example"]);
});

Deno.test("a rule's floor, private answers and networks are in its group", () => {
  const [group] = groupsIn(textOf(`
[[rule]]
name = "in.example"
min_ttl = "5m"
private = true
within = ["10.0.0.0/8", "fd00::/8"]
`));
  assert.match(group!, /floor = 300,/);
  assert.match(group!, /private = true,/);
  assert.ok(group!.includes('{ "\\10\\0\\0\\0", 8 }, -- 10.0.0.0/8'), group);
  assert.ok(group!.includes(`{ "\\253${"\\0".repeat(15)}", 8 }, -- fd00::/8`), group);
});

Deno.test("all reserved networks are in the text", () => {
  const text = textOf(`allow = ["a.example"]`);
  for (const { text: network } of reservedSubnets()) {
    assert.ok(text.includes(`-- ${network}\n`), network);
  }
});

Deno.test("labels become the rows of their automaton, once for all rules that say the same", () => {
  const text = textOf(`
[[rule]]
name = "*.a.example"
labels = "[ab]"
[[rule]]
name = "*.b.example"
types = ["TXT"]
labels = "[ab]"
`);
  const [, rows, ends] = /^automata\[1\] = newAutomaton\(\[\[\n([\s\S]*?)\n\]\], "([01]*)"\)$/m
    .exec(text)!;
  assert.deepEqual(rows!.split("\n").map((row) => row.split(",").length), [38, 38]);
  assert.equal(rows!.split("\n")[0], ["1", "1", ...Array(36).fill("-1")].join());
  assert.equal(ends, "01");
  assert.ok(!text.includes("automata[2]"));
  assert.deepEqual(groupsIn(text).map((group) => group.includes("labels = automata[1],")), [
    true,
    true,
  ]);
});

Deno.test("a rule's own upstream has a pool that no other server is in", () => {
  const text = textOf(`
allow = ["a.example"]
[[upstream]]
name = "first"
address = "192.0.2.1:53"
[[upstream]]
name = "inside"
address = "[2001:db8::1]:5353"
transport = "tcp"
[[rule]]
name = "in.example"
upstream = "inside"
`);
  const servers = Array.from(
    text.matchAll(/^newServer\(\{\n([\s\S]*?)^\}\)$/gm),
    ([, fields]) => fields!,
  );
  assert.equal(servers.length, 2);
  assert.match(servers[0]!, /order = 1,\n\s*pool = \{ "rules-1" \},/);
  assert.match(servers[1]!, /address = "\[2001:db8::1\]:5353",/);
  assert.match(servers[1]!, /order = 2,\n\s*pool = \{ "rules-1", "rules-2" \},/);
  assert.match(servers[1]!, /tcpOnly = true,/);
});

Deno.test("every server is asked for the root, not for what dnsdist would ask", () => {
  const text = textOf(`allow = ["a.example"]`);
  assert.match(text, /checkName = "\.",\n\s*checkType = "NS",/);
  assert.ok(!text.includes("root-servers"));
});

Deno.test("over TLS the certificate must be for the name", () => {
  const text = textOf(`
allow = ["a.example"]
[[upstream]]
address = "192.0.2.1:853"
transport = "tls"
tls_name = "dns.example"
`);
  assert.match(
    text,
    /tls = "openssl",\n\s*subjectName = "dns.example",\n\s*validateCertificates = true,/,
  );
});

Deno.test("what dnsdist cannot do is refused by name", () => {
  assert.deepEqual(
    refusals(`
[[upstream]]
address = "192.0.2.1:853"
transport = "tls"
tls_name = "dns.example"
pin = "sha256/${"A".repeat(43)}="
[budget]
bits_per_hour = 1000000
[[rule]]
name = "a.example"
mode = "hermetic"
`).map((message) => message.split(":")[0]),
    [
      "dnsdist has nothing for the pin of a key",
      "dnsdist has nothing for a ceiling on the leak bound",
      '"a.example"',
    ],
  );
});

Deno.test("nothing is refused of a policy with all that dnsdist can do", () => {
  assert.deepEqual(
    refusals(`
unlisted = "nxdomain"
allow = ["a.example", "*.b.example", "**.c.example"]
[[rule]]
name = "*.d.example"
types = ["HTTPS"]
labels = "x{1,3}"
expires = 2030-01-01T00:00:00Z
min_ttl = "5m"
within = ["192.0.2.0/24"]
`),
    [],
  );
});

Deno.test("the same policy makes the same text", () => {
  const toml = `allow = ["a.example", "*.b.example"]`;
  assert.equal(textOf(toml), textOf(toml));
});

Deno.test("a long list is in strings of ten thousand names, in its order", () => {
  const names = Array.from({ length: 25_000 }, (_, i) => `n${i}.example`);
  const text = exported(policyWithLists('allow_files = ["names.txt"]', names.join("\n"))).pieces
    .join("");
  const calls = namesIn(text).map((call) => call.split(": ")[1]!.split(" "));
  assert.deepEqual(calls.map(({ length }) => length), [10_000, 10_000, 5000]);
  assert.deepEqual(calls.flat(), names);
});

Deno.test("a name with odd letters that a wildcard reaches is dropped before its rule is heard", () => {
  const text = textOf(`unlisted = "refused"\nallow = ["*.a.example"]`);
  const gate = text.slice(text.indexOf("local function onOther"));
  const [drop, answer] = ["if not isPlain then return DROP end", "answerBy(dq, group)"]
    .map((line) => gate.indexOf(line));
  assert.ok(drop! > 0 && drop! < answer!);
});
