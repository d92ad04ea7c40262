/** Real floods against the real program behind the rules that it prints: what one account sends costs others nothing. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { GATEWAY, inRoom, type LockdownRoom, OUTSIDE } from "../support/lockdown_room.ts";
import { ROOT } from "../support/program.ts";

const POLICY = `allow = ["api.example.com"]
[listen]
addresses = ["127.0.0.1:53", "${GATEWAY.ip}:53"]
clients = ["127.0.0.0/8", "10.0.7.0/24"]
[[upstream]]
address = "${OUTSIDE.quad9}"
[run_as]
user = "fw-dns"
[log]
queries = "none"
`;

/** The packets that a chain's rules have dropped, by rule. */
async function dropped(room: LockdownRoom, chain: string): Promise<number[]> {
  const { out } = await room.run("host", "root", "nft", "list", "chain", "inet", "fw_dns", chain);
  return [...out.matchAll(/counter packets (\d+)/g)].map(([, count]) => Number(count));
}

/** Sends as many packets as it can for as long as the body takes; the words that it has said at its end. */
async function whileFlooded(
  room: LockdownRoom,
  from: ["host" | "behind", "neighbour" | "root"],
  words: string[],
  body: () => Promise<void>,
): Promise<void> {
  const script = join(ROOT, "tests/support/flooder.ts");
  const args = ["run", "--no-prompt", "--allow-net", "--unstable-net", script, ...words];
  const flood = room.start(...from, Deno.execPath(), ...args);
  await flood.waitFor(/^flooding$/m);
  await body();
  await flood.stop();
}

/** How many of so many questions one after the other get their answer. */
async function answered(
  room: LockdownRoom,
  server: string,
  count: number,
  ...words: string[]
): Promise<number> {
  let good = 0;
  for (let i = 0; i < count; i++) {
    const addresses = await room.dig("host", "root", ...words, `@${server}`);
    good += addresses[0] === "192.0.2.10" ? 1 : 0;
  }
  return good;
}

Deno.test("flood: one account sends without end over UDP, and no question of another one is lost", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy);
    await room.startFirewall(policy);
    await whileFlooded(room, ["host", "neighbour"], ["udp", "127.0.0.1"], async () => {
      assert.equal(await answered(room, "127.0.0.1", 30), 30);
    });
    const [long = 0, fast = 0] = await dropped(room, "asking");
    assert.ok(long > 0 && fast > 1000, `${long} too long, ${fast} too fast`);
    // Their own questions come through again once they have stopped.
    assert.deepEqual(await room.dig("host", "neighbour", "@127.0.0.1"), ["192.0.2.10"]);
  });
});

Deno.test("flood: one account opens connections without end, and another one's questions over TCP get their answers", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy);
    await room.startFirewall(policy);
    await whileFlooded(room, ["host", "neighbour"], ["tcp", "127.0.0.1"], async () => {
      assert.equal(await answered(room, "127.0.0.1", 30, "+tcp"), 30);
    });
    const counts = await dropped(room, "asking");
    assert.ok(counts[3]! > 0, `${counts}`);
  });
});

Deno.test("flood: a machine behind a gateway sends without end, and no question of the gateway's own is lost", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy, "--gateway");
    await room.startFirewall(policy);
    await whileFlooded(room, ["behind", "root"], ["udp", GATEWAY.ip], async () => {
      assert.equal(await answered(room, "127.0.0.1", 30), 30);
      assert.equal(await answered(room, GATEWAY.ip, 10), 10);
    });
    const counts = await dropped(room, "asking_behind");
    assert.ok(counts[1]! > 1000, `${counts}`);
    assert.deepEqual(await room.dig("behind", "root", `@${GATEWAY.ip}`), ["192.0.2.10"]);
  });
});
