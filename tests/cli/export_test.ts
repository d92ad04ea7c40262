import assert from "node:assert/strict";
import { FakeMachine } from "../support/fake_process.ts";

const POLICY = `allow = ["api.github.com"]
[listen]
addresses = ["127.0.0.1:53"]
[[upstream]]
address = "9.9.9.9"
`;
const WILDCARD = POLICY.replace("api.github.com", "*.debian.org");

function run(
  policy: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return new FakeMachine({ "p.toml": policy }).run("export", "--policy", "p.toml", ...args);
}

Deno.test("export wants an engine that it knows, and says which there are", async () => {
  for (const args of [[], ["--to", "bind"], ["--to", "constructor"]]) {
    const { code, out, err } = await run(POLICY, ...args);
    assert.deepEqual({ code, out }, { code: 2, out: "" });
    assert.match(
      err,
      /write one of --to pdns-lua, --to dnsdist, --to unbound, --to dnsmasq, --to rpz\n/,
    );
  }
});

Deno.test("what the engine cannot do is refused where it stands, and nothing is printed", async () => {
  const { code, out, err } = await run(WILDCARD, "--to", "unbound");
  assert.deepEqual({ code, out }, { code: 1, out: "" });
  assert.match(
    err,
    /^p\.toml:1:10: allow\[1\]: "\*\.debian\.org": Unbound has nothing for one label in front of a name: with --approximate, /m,
  );
  assert.match(err, /\nfw-dns export: Unbound cannot do all that the policy says\n$/);
});

Deno.test("with --approximate it is printed, and every difference in its head", async () => {
  const { code, out, err } = await run(WILDCARD, "--to", "unbound", "--approximate");
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.match(out, /^# Written by fw-dns export --to unbound from p\.toml: change that/);
  assert.match(out, /^# What the policy says otherwise \(--approximate\):\n# - /m);
  assert.match(out, /^# - one label in front of a name: .*\(\*\.debian\.org\)$/m);
});

Deno.test("what the engine can do is printed as it is", async () => {
  for (const target of ["pdns-lua", "dnsdist"]) {
    const { code, out, err } = await run(WILDCARD, "--to", target);
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.doesNotMatch(out, /approximate/);
  }
});

Deno.test("the same policy makes the same text, and another one another text", async () => {
  for (const target of ["pdns-lua", "dnsdist", "unbound", "dnsmasq", "rpz"]) {
    const [one, again, other] = await Promise.all(
      [POLICY, POLICY, WILDCARD].map((policy) => run(policy, "--to", target, "--approximate")),
    );
    assert.equal(one!.code, 0, one!.err);
    assert.equal(one!.out, again!.out);
    assert.notEqual(one!.out, other!.out);
  }
});

Deno.test("a bad policy is told of, and not exported", async () => {
  const { code, out, err } = await run("alow = []\n", "--to", "rpz", "--approximate");
  assert.deepEqual({ code, out }, { code: 1, out: "" });
  assert.match(err, /^p\.toml:1:1: /);
});
