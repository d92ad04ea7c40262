import assert from "node:assert/strict";
import { FakeMachine } from "../support/fake_process.ts";

const POLICY = `allow = ["api.github.com"]
[run_as]
user = "fw-dns"
[[upstream]]
address = "9.9.9.9"
`;
const LOCAL = POLICY.replace("9.9.9.9", "127.0.0.1:5335");

function lockdown(
  policy: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return new FakeMachine({ "p.toml": policy }).run("lockdown", "--policy", "p.toml", ...args);
}

Deno.test("lockdown --to nft prints the rules, and how it was asked for them", async () => {
  const { code, out, err } = await lockdown(LOCAL, "--to", "nft", "--recursor", "unbound");
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  assert.match(out, /^#!\/usr\/sbin\/nft -f\n/);
  assert.match(out, /^# Made by: fw-dns lockdown --to nft --recursor unbound$/m);
  assert.match(out, /^ {8}meta skuid "fw-dns" goto own$/m);
  assert.match(out, /\n$/);
});

const PROBLEMS: readonly [
  title: string,
  policy: string,
  args: string[],
  code: number,
  err: RegExp,
][] = [
  [
    "an account of its own is missing",
    POLICY.replace('[run_as]\nuser = "fw-dns"\n', ""),
    [],
    1,
    /^p\.toml:1:1: an account of its own is needed/,
  ],
  [
    "the account is a shared one",
    POLICY.replace("fw-dns", "nobody"),
    [],
    1,
    /^p\.toml:3:8: run_as\.user: "nobody" is an account that others use too/,
  ],
  [
    "the account is root",
    POLICY.replace("fw-dns", "root"),
    [],
    1,
    /^p\.toml:3:8: run_as\.user: "root" may do everything: write an account of its own/,
  ],
  [
    "an upstream is on this host",
    LOCAL,
    [],
    1,
    /^p\.toml:5:11: .*--recursor unbound/,
  ],
  [
    "nobody is behind the gateway",
    POLICY,
    ["--gateway"],
    1,
    /^p\.toml:1:1: listen\.clients: --gateway is for clients/,
  ],
  [
    "the recursor runs as root",
    LOCAL,
    ["--recursor", "root"],
    2,
    /all that runs as root would get out/,
  ],
  [
    "the recursor's account is none",
    LOCAL,
    ["--recursor", 'x" accept'],
    2,
    /write the name of the acc/,
  ],
];

for (const [title, policy, args, code, err] of PROBLEMS) {
  Deno.test(`lockdown --to nft where ${title}`, async () => {
    const ran = await lockdown(policy, "--to", "nft", ...args);
    assert.equal(ran.code, code);
    assert.equal(ran.out, "");
    assert.match(ran.err, err);
  });
}

Deno.test("lockdown without --to, or to something else, says what there is", async () => {
  for (const args of [[], ["--to", "iptables"]]) {
    const { code, err } = await lockdown(POLICY, ...args);
    assert.equal(code, 2);
    assert.match(err, /^fw-dns lockdown: write --to nft, --to systemd or --to resolv\n/);
  }
});

Deno.test("lockdown: --recursor goes with --to nft alone", async () => {
  const ran = await lockdown(POLICY, "--to", "resolv", "--recursor", "unbound");
  assert.equal(ran.code, 2);
  assert.match(ran.err, /--recursor goes with --to nft/);
});
