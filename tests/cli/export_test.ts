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
  const { code, out, err } = await run(POLICY, "--to", "dnsmasq");
  assert.deepEqual({ code, out }, { code: 1, out: "" });
  assert.match(err, /^p\.toml:1:10: "api\.github\.com": dnsmasq has nothing for an exact name/m);
  assert.match(err, /\nfw-dns export: dnsmasq cannot do all that the policy says\n$/);
});

Deno.test("with --approximate it is printed, and every difference in its head", async () => {
  const { code, out, err } = await run(POLICY, "--to", "dnsmasq", "--approximate");
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.match(out, /^# Written by fw-dns export --to dnsmasq from p\.toml: change that/);
  assert.match(out, /^# What the policy says otherwise \(--approximate\):\n# - /m);
  assert.match(out, /^# - an exact name: .*\(api\.github\.com\)$/m);
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
