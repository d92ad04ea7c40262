import assert from "node:assert/strict";
import { FakeMachine } from "../support/fake_process.ts";

const REST = '[listen]\naddresses = ["127.0.0.1:53"]\n[[upstream]]\naddress = "9.9.9.9"\n';

function diff(
  before: string,
  after: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const files = { "old.toml": before + REST, "new.toml": after + REST };
  return new FakeMachine(files).run("diff", "old.toml", "new.toml", ...args);
}

const BEFORE = 'allow = ["a.example"]\n';
const AFTER = 'allow = ["a.example", "b.example"]\n';

Deno.test("diff tells what becomes reachable and where that is written, and fails where told to", async () => {
  const { code, out, err } = await diff(BEFORE, AFTER);
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.match(out, /^Becomes reachable:\n {2}\+ b\.example {2}A, AAAA {2}new\.toml:1\n\n/);
  assert.match(out, /\nThe leak bound goes from [\d,.]+ to [\d,.]+ bits in any hour\.\n$/);
  assert.equal((await diff(BEFORE, AFTER, "--fail-on", "widen")).code, 1);
});

Deno.test("diff tells what is no longer reachable, which is no reason to fail", async () => {
  const { code, out } = await diff(AFTER, BEFORE, "--fail-on", "widen");
  assert.equal(code, 0);
  assert.match(out, /^No longer reachable:\n {2}- b\.example {2}A, AAAA {2}old\.toml:1\n/);
});

Deno.test("the same policy twice: nothing is reachable beyond", async () => {
  const { code, out } = await diff(AFTER, AFTER, "--fail-on", "widen");
  assert.equal(code, 0);
  assert.match(out, /^The same names and types are reachable\.\n\nThe leak bound stays at /);
});

Deno.test("a rule that ends later, or no more, widens from its end on", async () => {
  const rule = (end: string): string => `[[rule]]\nname = "a.example"\n${end}`;
  const before = rule("expires = 2100-01-01T00:00:00Z\n");
  const { code, out } = await diff(before, rule(""), "--fail-on", "widen");
  assert.equal(code, 1);
  assert.match(out, /^Becomes reachable, from 2100-01-01T00:00:00\.000Z on:\n {2}\+ a\.example /m);
  assert.match(out, /^ {2}~ a\.example: expires 2100-01-01T00:00:00\.000Z → never$/m);
  assert.equal((await diff(rule(""), before, "--fail-on", "widen")).code, 0);
});

Deno.test("while names are learned, to take a rule out may let more through", async () => {
  const code = async (rule: string): Promise<number> => {
    const without = BEFORE + learn("");
    const files = { "with.toml": `${without}[[rule]]\nname = "b.example"\n${rule}`, without };
    const machine = new FakeMachine(files);
    return (await machine.run("diff", "with.toml", "without", "--fail-on", "widen")).code;
  };
  assert.equal(await code('types = ["TXT"]\n'), 1);
  assert.equal(await code("expires = 2020-01-01T00:00:00Z\n"), 1);
  assert.equal(await code('types = ["A", "AAAA", "TXT"]\n'), 0);
});

Deno.test("of what becomes reachable for some time it is told until when", async () => {
  const rule = '[[rule]]\nname = "b.example"\nexpires = 2100-01-01T00:00:00Z\n';
  const { out } = await diff(BEFORE, BEFORE + rule);
  assert.match(
    out,
    /^ {2}\+ b\.example {2}A, AAAA, until 2100-01-01T00:00:00\.000Z {2}new\.toml:2$/m,
  );
});

Deno.test("more clients widen, and fewer do not", async () => {
  const clients = `clients = ["127.0.0.0/8"]\n`;
  const listen = (more: string): string =>
    `${AFTER}${REST.replace("[listen]\n", `[listen]\n${more}`)}`;
  const files = { "old.toml": listen(clients), "new.toml": AFTER + REST };
  const run = (...args: string[]) =>
    new FakeMachine(files).run("diff", ...args, "--fail-on", "widen");
  const { code, out } = await run("old.toml", "new.toml");
  assert.equal(code, 1);
  assert.match(out, /^Clients who may ask from now on:\n {2}\+ ::1\/128\n/m);
  assert.equal((await run("new.toml", "old.toml")).code, 0);
});

const learn = (caps: string, until = "2100-01-01T00:00:00Z"): string =>
  `${REST}[learn]
until = ${until}
${caps}`;

Deno.test("learning widens, and so do a later end, a higher cap and a name that no test denies any more", async () => {
  const deny = '[[test]]\nname = "evil.example"\nexpect = "deny"\n';
  const files = {
    "closed.toml": AFTER + REST,
    "over.toml": AFTER + learn("", "2000-01-01T00:00:00Z"),
    "none.toml": AFTER + learn("names_per_day = 0\n"),
    "learn.toml": AFTER + learn(deny),
    "longer.toml": AFTER + learn(deny, "2100-01-02T00:00:00Z"),
    "more.toml": AFTER + learn(`names_per_day = 501\n${deny}`),
    "domain.toml": AFTER + learn(`names_per_domain_per_day = 21\n${deny}`),
    "untested.toml": AFTER + learn(""),
  };
  const run = (from: string, to: string) =>
    new FakeMachine(files).run("diff", `${from}.toml`, `${to}.toml`, "--fail-on", "widen");
  const { code, out } = await run("closed", "learn");
  assert.equal(code, 1);
  assert.match(out, /^The same names and types are reachable by rules\.\n\n/);
  assert.match(
    out,
    /^Becomes reachable while learning:\n {2}\+ the door is ajar until 2100-01-01T/m,
  );
  assert.match(out, /^ {2}~ learn none → until 2100-01-01T00:00:00\.000Z \(20 a day for each /m);
  for (const wider of ["longer", "more", "domain", "untested"]) {
    assert.equal((await run("learn", wider)).code, 1, wider);
    assert.equal((await run(wider, "learn")).code, 0, wider);
  }
  for (const closed of ["closed", "over", "none"]) {
    assert.equal((await run("learn", closed)).code, 0, closed);
    assert.equal((await run(closed, "over")).code, 0, closed);
    assert.equal((await run(closed, "none")).code, 0, closed);
  }
  assert.equal((await run("over", "learn")).code, 1);
});

Deno.test("what rules and settings say otherwise is told key by key", async () => {
  const after =
    `unlisted = "refused"\n[[rule]]\nname = "a.example"\nmin_ttl = "5m"\nprivate = true\n`;
  const { out } = await diff(BEFORE, after);
  assert.match(out, /^ {2}~ a\.example: min_ttl 30s → 5m; private false → true$/m);
  assert.match(out, /^Settings that differ:\n {2}~ unlisted drop → refused\n/m);
});

Deno.test("a rule that lets more come back is told, however many others say something else", async () => {
  const names = Array.from({ length: 150 }, (_, i) => `n${i}.example`);
  const policy = (floor: string, last: string): string =>
    `allow = ${JSON.stringify(names)}\n[cache]\nmin_ttl = "${floor}"\n` +
    `[[rule]]\nname = "last.example"\n${last}`;
  const { out } = await diff(policy("30s", ""), policy("31s", "private = true\n"));
  assert.match(
    out,
    /^Rules that say something else:\n {2}~ last\.example: min_ttl 30s → 31s; private false → true$/m,
  );
  assert.match(out, /^ {2}and 51 more$/m);
});

Deno.test("a policy that is bad is told of, and --fail-on knows one word", async () => {
  const bad = await diff("alow = []\n", AFTER);
  assert.equal(bad.code, 1);
  assert.match(bad.err, /^old\.toml:1:1: /);
  const word = await diff(BEFORE, AFTER, "--fail-on", "narrow");
  assert.equal(word.code, 2);
  assert.match(word.err, /write --fail-on widen/);
});

Deno.test("of very many names the first are told, and the others counted", async () => {
  const names = Array.from({ length: 1500 }, (_, i) => `n${i}.example`);
  const { out } = await diff(BEFORE, `allow = ${JSON.stringify(["a.example", ...names])}\n`);
  assert.match(out, /^ {2}\+ n99\.example .*\n {2}and 1,400 more\n/m);
});
