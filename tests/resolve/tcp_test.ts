/** Questions over TCP, on real loopback sockets: the port they leave from, and what a connection does. */

import assert from "node:assert/strict";
import { Connections } from "../../src/resolve/connections.ts";
import { FIRST, Ticks } from "../../src/resolve/ticks.ts";
import type { Unreachable } from "../../src/resolve/outcome.ts";
import { createSystem } from "../../src/system/deno.ts";
import {
  closeQuietly,
  isPortTaken,
  type Random,
  type SocketAddress,
  type StreamConnection,
  writeAll,
} from "../../src/system/mod.ts";
import { type ResponseRead, type SentQuestion, writeQuestion } from "../../src/wire/mod.ts";
import { policyFrom } from "../support/policies.ts";
import { RealUpstream } from "../support/real_upstream.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const { network } = createSystem();
const ports = new SeededRandom(Date.now());

/** What a connection does in a test; another process may have the port, so it is drawn until one is free. */
async function withConnection(
  body: (ours: StreamConnection, theirs: Deno.TcpConn, port: number) => Promise<void>,
  hostname = "127.0.0.1",
): Promise<void> {
  using listener = Deno.listen({ hostname, port: 0 });
  const address = listener.addr as Deno.NetAddr;
  const [ours, port] = await connect(address);
  const theirs = await listener.accept();
  try {
    await body(ours, theirs, port);
  } finally {
    ours.close();
    closeQuietly(theirs);
  }
}

async function connect(address: SocketAddress): Promise<[StreamConnection, number]> {
  while (true) {
    const port = 20_000 + ports.below(10_000);
    const connection = network.connectTcp(address, port);
    try {
      await connection.write(new Uint8Array());
      return [connection, port];
    } catch (error) {
      if (!isPortTaken(error)) throw error;
    }
  }
}

async function readAll(connection: StreamConnection, bytes: number): Promise<Uint8Array> {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes;) {
    const count = await connection.read(all.subarray(at, at + 10_000));
    assert.ok(count !== null && count > 0);
    at += count;
  }
  return all;
}

for (const hostname of ["127.0.0.1", "::1"]) {
  Deno.test(`the other side sees the port that was asked for (${hostname})`, async () => {
    await withConnection((_, theirs, port) => {
      const { hostname: from, port: seen } = theirs.remoteAddr;
      assert.deepEqual([from, seen], [hostname, port]);
      return Promise.resolve();
    }, hostname);
  });
}

Deno.test("the largest messages go through both ways, whole and in order", async () => {
  await withConnection(async (ours, theirs) => {
    const echo = theirs.readable.pipeTo(theirs.writable).catch(() => {});
    const sent = Uint8Array.from({ length: 65_537 }, (_, i) => i * 7 + (i >> 8));
    for (let i = 0; i < 10; i++) {
      sent[0] = i;
      const [, received] = await Promise.all([writeAll(ours, sent), readAll(ours, sent.length)]);
      assert.deepEqual(received, sent);
    }
    ours.close();
    await echo;
  });
});

Deno.test("what nobody reads is not taken in: the other side has to wait", async () => {
  await withConnection(async (ours, theirs) => {
    const chunk = new Uint8Array(1 << 20);
    const total = 128;
    let written = 0;
    const writing = (async () => {
      while (written < total) {
        for (let at = 0; at < chunk.length;) at += await theirs.write(chunk.subarray(at));
        written++;
      }
    })();
    await ours.read(new Uint8Array(1));
    // It holds on a slow machine too: then less has been written.
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(written < total / 2, `${written} MiB were taken in`);
    await readAll(ours, total * chunk.length - 1);
    await writing;
  });
});

Deno.test("the other side's end is read as null, and it can still be written to", async () => {
  await withConnection(async (ours, theirs) => {
    await theirs.write(Uint8Array.of(1, 2, 3));
    await theirs.closeWrite();
    assert.deepEqual([...await readAll(ours, 3)], [1, 2, 3]);
    assert.equal(await ours.read(new Uint8Array(9)), null);
    assert.equal(await ours.read(new Uint8Array(9)), null);
    await writeAll(ours, Uint8Array.of(4));
    assert.equal(await theirs.read(new Uint8Array(9)), 1);
  });
});

Deno.test("a connection that is reset rejects the read under way, and every later call", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [ours] = await connect(listener.addr as Deno.NetAddr);
  const reading = ours.read(new Uint8Array(9));
  // Connections that nobody has accepted yet are reset.
  listener.close();
  await assert.rejects(reading, { name: "ConnectionReset" });
  await assert.rejects(ours.read(new Uint8Array(9)), { name: "ConnectionReset" });
  await assert.rejects(ours.write(Uint8Array.of(1)), { name: "ConnectionReset" });
  ours.close();
});

Deno.test("closing ends a read and a write that are under way, any number of times", async () => {
  await withConnection(async (ours, theirs) => {
    const reading = ours.read(new Uint8Array(9)).then(() => undefined, (error: Error) => error);
    ours.close();
    ours.close();
    assert.equal((await reading)?.name, "BadResource");
    await assert.rejects(ours.write(Uint8Array.of(1)), { name: "BadResource" });
    assert.equal(await theirs.read(new Uint8Array(9)), null);
  });
});

Deno.test("what is closed before it is open rejects, and gives its port back at once", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = listener.addr as Deno.NetAddr;
  const [first, port] = await connect(address);
  first.close();
  for (let i = 0; i < 3; i++) {
    const connection = network.connectTcp(address, port + 1 + i);
    const writing = connection.write(Uint8Array.of(1)).then(() => undefined, (error) => error);
    await Promise.resolve();
    connection.close();
    connection.close();
    assert.equal((await writing)?.name, "BadResource");
    Deno.listen({ hostname: "127.0.0.1", port: port + 1 + i }).close();
  }
});

Deno.test("a connection that is refused says so, without our own port", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = listener.addr as Deno.NetAddr;
  listener.close();
  await assert.rejects(connect(address), {
    name: "ConnectionRefused",
    message: `connect ECONNREFUSED 127.0.0.1:${address.port}`,
  });
});

/** One question to a real upstream, from a port that the test chooses. */
async function ask(upstream: RealUpstream, port: number): Promise<ResponseRead | Unreachable> {
  const random = new SeededRandom(1);
  const policy = policyFrom(`allow = ["x.example"]\n[[upstream]]\naddress = "${upstream.address}"`);
  const anyPort = { first: 61_000, count: 1024 };
  const ticks = new Ticks(createSystem().clock, 1);
  const drawn: Random = { uint16: () => 0, below: () => port - anyPort.first, fork: () => drawn };
  const connections = new Connections({
    network,
    random: drawn,
    ticks,
    ports: anyPort,
    patience: 900,
  });
  const write = (id: number): SentQuestion =>
    writeQuestion({ name: "x.example", type: 1 }, id, false, random);
  const read = await new Promise<ResponseRead | Unreachable>((settle) =>
    connections.ask(policy.upstreams[0]!, { write, order: FIRST, settle })
  );
  connections.close();
  ticks.close();
  return read;
}

Deno.test("a port that is taken is unreachable by our own doing; the next try has another", async () => {
  const upstream = new RealUpstream();
  try {
    await assertTaken(upstream);
    let port = 61_100;
    let read = await ask(upstream, port);
    while (read.kind === "unreachable" && read.isOurs) read = await ask(upstream, ++port);
    assert.equal(read.kind, "answer");
    assert.equal(upstream.seen.length, 1);
  } finally {
    await upstream.close();
  }
});

async function assertTaken(upstream: RealUpstream): Promise<void> {
  let port = 61_500;
  let holder: Deno.Listener | undefined;
  while (holder === undefined) {
    try {
      holder = Deno.listen({ hostname: "127.0.0.1", port: ++port });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  const read = await ask(upstream, port);
  holder.close();
  assert.deepEqual(read, {
    kind: "unreachable",
    problem: `AddrInUse: bind EADDRINUSE 0.0.0.0:${port}`,
    isOurs: true,
  });
  assert.deepEqual(upstream.seen, []);
}

Deno.test("one port, used again at once for the same upstream, answers or fails but does not hang", async () => {
  const upstream = new RealUpstream();
  const kinds: string[] = [];
  for (let i = 0; i < 20; i++) kinds.push((await ask(upstream, 61_123)).kind);
  await upstream.close();
  const answers = kinds.filter((kind) => kind === "answer").length;
  const failures = kinds.filter((kind) => kind === "unreachable").length;
  assert.ok(answers > 0);
  assert.equal(answers + failures, 20);
});
