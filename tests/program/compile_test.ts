/** The compiled program. Where Deno's runtime base cannot be had, these tests are skipped and say why. */

import assert from "node:assert/strict";
import { compiles, NO_BASE } from "../support/compiled.ts";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import { askOnce, type Launch, runToEnd, ServingProgram } from "../support/program.ts";
import { answerPlainly, RealUpstream } from "../support/real_upstream.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const upstream = new RealUpstream();
const home = Deno.makeTempDirSync({ prefix: "fw-dns-compiled-" });
const policyFile = `${home}/policy.toml`;
const POLICY = `allow = ["api.example.com"]
[listen]
addresses = ["127.0.0.1:0"]
[[upstream]]
address = "${upstream.address}"
`;
Deno.writeTextFileSync(policyFile, POLICY);

const hasNoBase = !await compiles(
  "compile.ts",
  ...["--policy", policyFile, "--output", `${home}/fw-dns`],
);
const launch: Launch = { command: `${home}/fw-dns`, args: [], folder: Deno.makeTempDirSync() };

function test(name: string, body: () => Promise<void>): void {
  Deno.test({
    name: hasNoBase ? `the compiled program ${name} (${NO_BASE})` : `the compiled program ${name}`,
    ignore: hasNoBase,
    fn: body,
  });
}

test("starts, serves and stops in an empty folder with an empty environment", async () => {
  const program = await ServingProgram.start(launch, policyFile);
  assert.deepEqual(decodeReply(await askOnce(program.address, query())).answers, ["192.0.2.1"]);
  const nodata = decodeReply(await askOnce(program.address, query({ type: 16 })));
  assert.deepEqual([nodata.rcode, nodata.authority], ["NOERROR", ["SOA"]]);
  assert.equal(await program.stop(), 0);
  assert.equal(program.err, "");
});

test("asks over TCP too, from a port of its own", async () => {
  const program = await ServingProgram.start(launch, policyFile);
  upstream.overUdp = (asked) => [respond(asked, { flags: 0x8380 })];
  upstream.overTcp = (asked) => [respondA(asked, "192.0.2.9")];
  assert.deepEqual(decodeReply(await askOnce(program.address, query())).answers, ["192.0.2.9"]);
  upstream.overUdp = upstream.overTcp = answerPlainly;
  assert.equal(await program.stop(), 0);
  assert.equal(program.err, "");
});

test("tells its version, and that it was built", async () => {
  const { code, out } = await runToEnd(launch, "version");
  assert.equal(code, 0);
  assert.match(out, /^fw-dns \d+\.\d+\.\d+ \(Deno \d+\.\d+\.\d+, built \d{4}-\d\d-\d\d\)\n$/);
});

test("checks, explains and shows the demo", async () => {
  assert.equal((await runToEnd(launch, "check", "--policy", policyFile)).code, 0);
  assert.equal((await runToEnd(launch, "explain", "evil.example", "--policy", policyFile)).code, 1);
  assert.equal((await runToEnd(launch, "demo")).code, 0);
});

test("is refused to send to an upstream that was not baked in", async () => {
  Deno.writeTextFileSync(policyFile, POLICY.replace(upstream.address, "192.0.2.66:53"));
  const program = await ServingProgram.start(launch, policyFile);
  const reply = decodeReply(await askOnce(program.address, query()));
  assert.equal(reply.rcode, "SERVFAIL");
  await program.waitFor(
    /No upstream has answered yet \(192\.0\.2\.66:53: NotCapable: Requires net access/,
  );
  assert.equal(await program.stop(), 0);
  Deno.writeTextFileSync(policyFile, POLICY);
});

test("lets a name through for some time, and cannot while it serves", async () => {
  const ran = await runToEnd(launch, "allow", "b.example", "--for", "2h", "--policy", policyFile);
  assert.equal(ran.code, 0, ran.err);
  assert.ok(
    Deno.readTextFileSync(policyFile).startsWith(`${POLICY}\n[[rule]]\nname = "b.example"\n`),
  );
  assert.equal((await runToEnd(launch, "explain", "b.example", "--policy", policyFile)).code, 0);
  Deno.writeTextFileSync(policyFile, `${POLICY}[sandbox]\nstrict = true\n`);
  const program = await ServingProgram.start(launch, policyFile);
  assert.equal(await program.stop(), 0);
  assert.doesNotMatch(program.out, /may do more than its policy needs/);
  Deno.writeTextFileSync(policyFile, POLICY);
});

test("is refused to read another file", async () => {
  const { code, err } = await runToEnd(launch, "check", "--policy", "/etc/hostname");
  assert.equal(code, 1);
  assert.match(err, /permissions .* do not cover it/);
});

Deno.test({
  name: "afterwards nothing is left behind",
  // What it closes was opened by the whole file.
  sanitizeResources: false,
  sanitizeOps: false,
  fn: async () => {
    await upstream.close();
    Deno.removeSync(home, { recursive: true });
  },
});
