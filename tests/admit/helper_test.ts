import assert from "node:assert/strict";
import { MOST_ADMITTED } from "../../src/admit/book.ts";
import { admitFlags } from "../../src/admit/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { FakeHelper, RawClient, SOCKET } from "../support/fake_helper.ts";

async function started(): Promise<
  { helper: FakeHelper; client: RawClient; code: Promise<number> }
> {
  const helper = new FakeHelper();
  const { code } = await helper.start();
  return { helper, client: await RawClient.connect(helper.unix), code };
}

Deno.test("an address is in its set for as long as was asked, once it says ok", async () => {
  const { helper, client } = await started();
  assert.equal(await client.say("192.0.2.1 60\n2001:db8::1 30\n"), "ok\nok\n");
  assert.equal(helper.nft.left("192.0.2.1"), 60);
  assert.equal(helper.nft.left("2001:db8::1"), 30);
  await helper.clock.advance(30_000);
  assert.equal(helper.nft.left("2001:db8::1"), undefined);
});

Deno.test("no ok before the packet filter has it", async () => {
  const { helper, client } = await started();
  const { promise, resolve } = Promise.withResolvers<void>();
  helper.nft.gate = promise;
  assert.equal(await client.say("192.0.2.1 60\n"), "");
  resolve();
  assert.equal(await client.say(""), "ok\n");
});

Deno.test("a longer time prolongs, and a shorter one never shortens", async () => {
  const { helper, client } = await started();
  await client.say("192.0.2.1 60\n");
  assert.equal(await client.say("192.0.2.1 600\n"), "ok\n");
  assert.equal(helper.nft.left("192.0.2.1"), 600);
  assert.equal(await client.say("192.0.2.1 5\n"), "ok\n");
  assert.equal(helper.nft.left("192.0.2.1"), 600);
  assert.equal(await client.say("192.0.2.2 9\n192.0.2.2 90\n192.0.2.2 19\n"), "ok\nok\nok\n");
  assert.equal(helper.nft.left("192.0.2.2"), 90);
});

Deno.test("a helper that is started again shortens nothing that the one before has admitted", async () => {
  const { helper, client } = await started();
  await client.say("192.0.2.1 600\n2001:db8::1 900\n");
  helper.kill();
  await helper.start();
  const second = await RawClient.connect(helper.unix);
  assert.equal(await second.say("192.0.2.1 5\n2001:db8::1 5\n"), "ok\nok\n");
  assert.equal(helper.nft.left("192.0.2.1"), 600);
  assert.equal(helper.nft.left("2001:db8::1"), 900);
});

Deno.test("what was emptied under it is filled again by the next request, however short", async () => {
  const { helper, client } = await started();
  await client.say("192.0.2.1 600\n");
  helper.nft.until.clear();
  await client.say("192.0.2.1 5\n");
  assert.equal(helper.nft.left("192.0.2.1"), 600);
});

Deno.test("a malformed line is the last: what came before it counts, what comes after is not read", async () => {
  for (const bad of ["flush ruleset", "192.0.2.1", "192.0.2.1 5 }", "x".repeat(64), "\u0000"]) {
    const { helper, client } = await started();
    assert.equal(await client.say(`192.0.2.7 60\n${bad}\n192.0.2.8 60\n`), "ok\nno malformed\n");
    assert.ok(client.isHungUp, bad);
    assert.equal(helper.nft.left("192.0.2.7"), 60);
    assert.equal(helper.nft.left("192.0.2.8"), undefined);
  }
});

Deno.test("a line without end is hung up on, however slowly it comes", async () => {
  const { client } = await started();
  for (let i = 0; i < 63; i++) await client.say("1");
  assert.ok(!client.isHungUp);
  assert.equal(await client.say("1"), "no malformed\n");
  assert.ok(client.isHungUp);
});

Deno.test("replies stand in the order of the lines, whatever becomes of each", async () => {
  const { client } = await started();
  assert.equal(
    await client.say("192.0.2.1 5\n127.0.0.1 5\n2001:db8::1 5\n224.0.0.1 5\n192.0.2.2 5\n"),
    "ok\nno reserved\nok\nno reserved\nok\n",
  );
});

Deno.test("a flood becomes a few transactions, and every line is answered", async () => {
  const { helper, client } = await started();
  const before = helper.nft.inputs.length;
  const lines = Array.from({ length: 5000 }, (_, i) => `10.1.${i >> 8}.${i & 255} 60\n`).join("");
  const said = await client.say(lines);
  assert.equal(said, "ok\n".repeat(5000));
  assert.ok(helper.nft.inputs.length - before < 10, `${helper.nft.inputs.length} transactions`);
});

Deno.test("two clients are served one after the other", async () => {
  const { helper, client } = await started();
  const other = await RawClient.connect(helper.unix);
  const { promise, resolve } = Promise.withResolvers<void>();
  helper.nft.gate = promise;
  const before = helper.nft.inputs.length;
  await Promise.all([client.say("192.0.2.1 5\n"), other.say("192.0.2.2 5\n")]);
  assert.equal(helper.nft.inputs.length, before + 1);
  resolve();
  await settle();
  assert.deepEqual([client.text, other.text], ["ok\n", "ok\n"]);
});

Deno.test("a ninth connection is closed at once, and has its place when another is gone", async () => {
  const { helper, client } = await started();
  for (let i = 0; i < 7; i++) await RawClient.connect(helper.unix);
  const ninth = await RawClient.connect(helper.unix);
  await settle();
  assert.ok(ninth.isHungUp);
  client.connection.close();
  await settle();
  assert.equal(await (await RawClient.connect(helper.unix)).say("192.0.2.1 5\n"), "ok\n");
});

Deno.test("a full set refuses what is new, goes on with what it has, and has room again in time", async () => {
  const { helper, client } = await started();
  for (let at = 0; at < MOST_ADMITTED; at += 1024) {
    const lines = Array.from(
      { length: 1024 },
      (_, i) => `10.${(at + i) >> 16}.${((at + i) >> 8) & 255}.${(at + i) & 255} 60\n`,
    );
    await client.say(lines.join(""));
  }
  assert.equal(
    await client.say("192.0.2.1 60\n10.0.0.1 90\n2001:db8::1 60\n"),
    "no full\nok\nok\n",
  );
  assert.match(helper.out, /Error: A set of the packet filter is full/);
  await helper.clock.advance(61_000);
  assert.equal(await client.say("192.0.2.1 60\n"), "ok\n");
});

Deno.test("without the ruleset it says no, and once a minute what to do", async () => {
  const { helper, client } = await started();
  helper.nft.failure = "/dev/stdin:1:18-23: Error: No such file or directory\nadd element\n";
  assert.equal(await client.say("192.0.2.1 60\n127.0.0.1 5\n"), "no ruleset\nno reserved\n");
  assert.equal(await client.say("192.0.2.1 60\n"), "no ruleset\n");
  const line = /^Error: .*load the ruleset: fw-dns lockdown --to nft --resolved-only/gm;
  assert.equal(helper.out.match(line)?.length, 1);
  await helper.clock.advance(60_000);
  await client.say("192.0.2.1 60\n");
  assert.equal(helper.out.match(line)?.length, 2);
  helper.nft.failure = undefined;
  assert.equal(await client.say("192.0.2.1 60\n"), "ok\n");
});

Deno.test("with the ruleset goes what was known of its sets", async () => {
  const { helper, client } = await started();
  await client.say("192.0.2.1 600\n");
  helper.nft.until.clear();
  helper.nft.failure = "Error: No such file or directory";
  assert.equal(await client.say("192.0.2.2 5\n"), "no ruleset\n");
  helper.nft.failure = undefined;
  assert.equal(await client.say("192.0.2.1 5\n"), "ok\n");
  assert.equal(helper.nft.left("192.0.2.1"), 5);
});

Deno.test("an nft that fails or cannot be started is told with its own words", async () => {
  const { helper, client } = await started();
  helper.nft.failure =
    "/dev/stdin:1:1-2: Error: Could not process rule: Operation not permitted\nx\n";
  assert.equal(await client.say("192.0.2.1 60\n"), "no failed\n");
  assert.match(helper.out, /^Error: nft failed: Error: Could not process rule: Operation not/m);
  helper.nft.failure = undefined;
  helper.nft.gate = Promise.reject(new Error("entity not found"));
  assert.equal(await client.say("192.0.2.1 60\n"), "no failed\n");
});

Deno.test("it looks for the ruleset when it starts", async () => {
  const helper = new FakeHelper();
  helper.nft.failure = "Error: No such file or directory\nlist set inet fw_dns resolved4\n";
  await helper.start();
  assert.match(helper.out, /Listening on .*\n.*load the ruleset/s);
});

Deno.test("only its owner and group may connect, in a folder where only its owner may write", async () => {
  const helper = new FakeHelper();
  await helper.start();
  assert.equal(helper.unix.modeOf(SOCKET), 0o660);
  for (
    const [mode, isFolder] of [[0o755, true], [0o770, true], [0o751, true], [0o750, false]] as const
  ) {
    const other = new FakeHelper();
    other.setFolder({ mode, isFolder });
    assert.equal(await (await other.start()).code, 1, mode.toString(8));
    assert.match(other.err, /^Cannot listen on \/run\/fw-dns-admit\/admit\.sock: /);
    assert.equal(other.unix.modeOf(SOCKET), undefined);
  }
});

Deno.test("it ends on SIGTERM, has a usage, and takes no flags", async () => {
  const { helper, code } = await started();
  helper.machine.signal("SIGTERM");
  assert.equal(await code, 0);
  const asked = new FakeHelper();
  assert.equal(await (await asked.start("--help")).code, 0);
  assert.match(asked.out, /^Usage: fw-dns-admit\n/);
  const wrong = new FakeHelper();
  assert.equal(await (await wrong.start("--socket=/tmp/x")).code, 2);
  assert.match(wrong.err, /^Usage/);
});

Deno.test("its permissions are its socket and nft", () => {
  assert.deepEqual(admitFlags({ knowsUnixSockets: true }), [
    "--no-prompt",
    "--allow-net=unix:/run/fw-dns-admit/admit.sock",
    "--allow-read=/run/fw-dns-admit",
    "--allow-write=/run/fw-dns-admit/admit.sock",
    "--allow-run=/usr/sbin/nft",
  ]);
  assert.ok(!admitFlags({ knowsUnixSockets: false }).join(" ").includes("unix:"));
});
