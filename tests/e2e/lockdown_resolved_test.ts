/** `lockdown --to nft --resolved-only`: out only to what fw-dns has just resolved. */

import assert from "node:assert/strict";
import { HOST_POLICY, inRoom, type LockdownRoom, OUTSIDE } from "../support/lockdown_room.ts";

const POLICY = `${HOST_POLICY}[[upstream]]
address = "${OUTSIDE.quad9}"
`;

const { unknown, another, unknown6, quad9 } = OUTSIDE;

/** The host's address, seen from outside. */
const HOST = "198.51.100.2";

/** As the helper does it. */
async function admit(room: LockdownRoom, address: string, timeout: string): Promise<void> {
  const set = address.includes(":") ? "resolved6" : "resolved4";
  const element = `{ ${address} timeout ${timeout} }`;
  const { code, err } = await room.run(
    "host",
    "root",
    "nft",
    "add element inet fw_dns",
    set,
    element,
  );
  assert.equal(code, 0, err);
}

async function isAdmitted(room: LockdownRoom, address: string): Promise<boolean> {
  const { out } = await room.run("host", "root", "nft", "list set inet fw_dns resolved4");
  return out.includes(address);
}

Deno.test("--resolved-only: an address that was resolved is reached, any other is not", async () => {
  await inRoom(async (room) => {
    const ping = async (address: string): Promise<boolean> =>
      (await room.run("host", "root", "ping", "-c1", "-W2", address)).code === 0;
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy, "--resolved-only");
    await admit(room, unknown, "1h");
    await admit(room, unknown6, "1h");
    await admit(room, quad9, "1h");
    for (const transport of ["tcp", "udp"] as const) {
      const reaches = (address: string, port: number) =>
        room.reaches("host", "neighbour", transport, address, port);
      assert.equal(await reaches(unknown, 443), true);
      assert.equal(await reaches(unknown6, 22), true);
      assert.equal(await reaches(another, 443), false);
      assert.equal(await reaches(unknown, 853), false, "DNS stays closed");
      assert.equal(await reaches(quad9, 443), false, "a known resolver stays closed");
    }
    assert.equal(await ping(unknown), true);
    assert.equal(await ping(another), false);
    await room.startFirewall(policy);
    assert.deepEqual(await room.dig("host", "neighbour", "@127.0.0.1"), ["192.0.2.10"]);

    await room.lockDown(policy, "--resolved-only");
    assert.equal(await isAdmitted(room, unknown), true, "loading again loses nothing");
    assert.equal(await room.reaches("host", "neighbour", "tcp", unknown, 443), true);
  });
});

Deno.test("--resolved-only: a flow that was let through lasts longer than the address stays admitted", async () => {
  await inRoom(async (room) => {
    await room.lockDown(room.writePolicy(POLICY), "--resolved-only");
    await admit(room, unknown, "3s");
    const flows = await Promise.all(
      (["tcp", "udp"] as const).map((way) => room.hold("host", "neighbour", way, unknown, 443)),
    );
    for (const flow of flows) assert.equal(await flow.ask("first"), "first");
    while (await isAdmitted(room, unknown)) await new Promise((done) => setTimeout(done, 200));
    for (const flow of flows) assert.equal(await flow.ask("second"), "second");
    for (const transport of ["tcp", "udp"] as const) {
      assert.equal(await room.reaches("host", "neighbour", transport, unknown, 443), false);
    }
  });
});

Deno.test("--resolved-only: a session with this host lives through the loading, and new ones come in", async () => {
  await inRoom(async (room) => {
    await room.serveEcho("host", [HOST], [22, 8080]);
    const session = await room.hold("outside", "root", "tcp", HOST, 22);
    assert.equal(await session.ask("before"), "before");
    await room.lockDown(room.writePolicy(POLICY), "--resolved-only");
    assert.equal(await session.ask("after"), "after");
    for (const port of [22, 8080]) {
      for (const transport of ["tcp", "udp"] as const) {
        assert.equal(await room.reaches("outside", "root", transport, HOST, port), true);
      }
    }
  });
});

Deno.test("--resolved-only: flows from before end, even where the other side speaks first", async () => {
  await inRoom(async (room) => {
    const flows = await Promise.all(
      (["tcp", "udp"] as const).map(async (transport) => {
        const server = room.start("outside", "root", Deno.execPath(), "eval", SPEAKER, transport);
        await server.waitFor(/^ready$/m);
        const client = await room.hold("host", "neighbour", transport, unknown, 9000);
        const echoed = client.ask("before");
        await server.waitFor(/^heard before$/m);
        await server.tell("pushed");
        assert.equal(await echoed, "pushed");
        return { transport, server, client };
      }),
    );
    await room.lockDown(room.writePolicy(POLICY), "--resolved-only");
    for (const { transport, server, client } of flows) {
      await server.tell("to make it look opened from outside");
      // Until it waits there, or the connection is gone: the system's own acknowledgement was refused.
      const isThere = "awk '$2 > 0 { there++ } END { exit NR && !there }'";
      const arrived = `until ss -Han --$0 dst $1 | ${isThere}; do sleep 0.1; done`;
      const words = ["timeout", "30", "bash", "-c", arrived, transport, unknown];
      assert.equal((await room.run("host", "root", ...words)).code, 0);
      await client.tell("after");
      await client.ask("after");
      await server.tell("end");
      await server.waitFor(/^end$/m);
      assert.doesNotMatch(server.text, /heard after/);
    }
  });
});

/** Says what it is told to whoever has spoken to it, and prints what it hears. */
const SPEAKER = `
const [transport] = Deno.args;
const lines = [];
const hostname = "${unknown}", port = 9000;
const print = (bytes) => console.log("heard " + new TextDecoder().decode(bytes).trim());
let say = () => {};
if (transport === "tcp") {
  const listener = Deno.listen({ hostname, port });
  listener.accept().then(async (connection) => {
    say = (bytes) => connection.write(bytes);
    for await (const bytes of connection.readable) print(bytes);
  }).catch(() => {});
} else {
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
  (async () => {
    for (;;) {
      const [bytes, from] = await socket.receive();
      say = (reply) => socket.send(reply, from);
      print(bytes);
    }
  })();
}
console.log("ready");
for await (const bytes of Deno.stdin.readable) {
  const text = new TextDecoder().decode(bytes).trim();
  if (text === "end") console.log("end");
  else await Promise.resolve(say(bytes)).catch(() => {});
}
`;

Deno.test("--resolved-only --gateway: the same holds for a machine behind the host", async () => {
  await inRoom(async (room) => {
    const reaches = (transport: "tcp" | "udp", address: string, port: number) =>
      room.reaches("behind", "root", transport, address, port);
    await room.serveEcho("behind", ["10.0.7.2"], [8080]);
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy, "--resolved-only", "--gateway");
    await room.startFirewall(policy);
    await admit(room, unknown, "1h");
    for (const transport of ["tcp", "udp"] as const) {
      assert.equal(await reaches(transport, unknown, 443), true);
      assert.equal(await reaches(transport, another, 443), false);
      assert.equal(await reaches(transport, unknown, 853), false);
      assert.equal(await room.reaches("host", "neighbour", transport, "10.0.7.2", 8080), true);
      assert.equal(await room.reaches("outside", "root", transport, "10.0.7.2", 8080), true);
    }
    assert.deepEqual(await room.dig("behind", "root", `@${another}`), ["192.0.2.10"]);
  });
});
