/** What one client does to others that ask the same program: as little as can be. */

import assert from "node:assert/strict";
import type { Resolution, Resolve } from "../../src/resolve/mod.ts";
import { closeQuietly } from "../../src/system/mod.ts";
import { Handler } from "../../src/serve/mod.ts";
import { ReplyBuffer } from "../../src/wire/mod.ts";
import { decodeReply } from "../support/decode.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { type Firewall, until, withFirewall } from "../support/firewall.ts";
import { query } from "../support/packets.ts";
import { policyFrom } from "../support/policies.ts";
import { readMessage } from "../support/real_upstream.ts";
import { Recorder } from "../support/recorder.ts";

const CLIENTS = 'clients = ["127.0.0.0/8", "10.0.0.0/8"]';

/** A handler whose names are never resolved until `answer` is called. */
function setUp(): {
  ask: (name: string, client: string) => unknown;
  answer: (resolution: Resolution) => void;
  handler: Handler;
  clock: FakeClock;
  recorder: Recorder;
} {
  const [recorder, clock] = [new Recorder(), new FakeClock()];
  const policy = policyFrom(
    `allow = ["slow.example", "*.wild.example"]\n[query]\nin_flight = 10\n[listen]\n${CLIENTS}\n`,
  );
  const { promise, resolve: answer } = Promise.withResolvers<Resolution>();
  const resolve: Resolve = () => promise;
  const handler = new Handler({ policy, resolve, clock, observer: recorder });
  const out = new ReplyBuffer();
  const ask = (name: string, client: string) => handler.handle(query({ name }), client, "udp", out);
  return { ask, answer, handler, clock, recorder };
}

Deno.test("who waits in thousands leaves places to wait in to others, and gives its own back", async () => {
  const { ask, answer, handler, clock } = setUp();
  for (let i = 0; i < 5000; i++) ask("slow.example", "10.0.0.1");
  const greedy = handler.waiting;
  for (let i = 0; i < 20; i++) ask("slow.example", "10.0.0.2");
  assert.equal(handler.waiting - greedy, 20);
  answer({ kind: "failure", reason: "upstream" });
  for (let i = 0; i < 20; i++) await clock.advance(0);
  assert.equal(handler.waiting, 0);
});

Deno.test("the places for names below wildcards are shared as well", () => {
  const { ask, handler } = setUp();
  for (let i = 0; i < 5000; i++) ask(`a${i}.wild.example`, "10.0.0.1");
  const greedy = handler.waiting;
  for (let i = 0; i < 20; i++) ask(`b${i}.wild.example`, "10.0.0.2");
  assert.equal(handler.waiting - greedy, 20);
  assert.ok(greedy < 10 * 64 / 2, `${greedy}`);
});

Deno.test("thousands that hear the same answer hear it over several turns of the event loop", async () => {
  const { ask, answer, clock } = setUp();
  let told = 0;
  for (let i = 0; i < 480; i++) {
    void (ask("slow.example", "10.0.0.1") as Promise<unknown>).then(() => told++);
  }
  answer({ kind: "failure", reason: "upstream" });
  await settle();
  assert.ok(told > 0 && told < 480, `${told}`);
  await clock.advance(0);
  assert.equal(told, 480);
});

function framed(...messages: Uint8Array[]): Uint8Array {
  return Uint8Array.from(messages.flatMap((one) => [one.length >> 8, one.length & 255, ...one]));
}

/** Asks over TCP for what is at hand. */
async function askOver(connection: Deno.Conn, id: number): Promise<void> {
  await connection.write(framed(query({ id, name: "localhost" })));
  assert.equal(decodeReply((await readMessage(connection))!).id, id);
}

/** Connects from an address of loopback's own choice. */
function connectAll(firewall: Firewall, count: number): Promise<Deno.TcpConn[]> {
  return Promise.all(Array.from({ length: count }, () => firewall.connect()));
}

Deno.test("hundreds of connections of one client that say nothing: the one who asks gets its answer each time", async () => {
  await withFirewall(async (firewall) => {
    const all: Deno.TcpConn[] = [];
    for (let round = 0; round < 20; round++) {
      all.push(...await connectAll(firewall, 10));
      const connection = await firewall.connect();
      await askOver(connection, round + 1);
      all.push(connection);
    }
    all.forEach(closeQuietly);
  }, '[listen]\naddresses = ["127.0.0.1:0"]\ntcp_connections = 16\n');
});

Deno.test("who has just connected does not make way for one that has asked for too much", async () => {
  await withFirewall(async (firewall) => {
    firewall.upstream.overUdp = () => [];
    const slow = Array.from({ length: 5 }, (_, id) => query({ id, name: `n${id}.wild.example` }));
    const busy = await firewall.connect();
    await busy.write(framed(...slow));
    await until(() => firewall.upstream.seen.length === 5, "the questions never went upstream");
    const fresh = await firewall.connect();
    const other = await firewall.connect();
    await askOver(other, 1);
    await askOver(fresh, 2);
    assert.equal(await readMessage(busy).catch(() => null), null);
    for (const one of [busy, fresh, other]) closeQuietly(one);
  }, '[listen]\naddresses = ["127.0.0.1:0"]\ntcp_connections = 2\n');
});

Deno.test("connections that are full of queries, read or unread, keep no query over UDP from its answer", async () => {
  await withFirewall(async (firewall) => {
    const stream = framed(...Array.from({ length: 2000 }, (_, id) => query({ id })));
    await firewall.answer("api.example.com");
    const pipes = await connectAll(firewall, 16);
    let isOver = false;
    const flood = pipes.map(async (pipe, i) => {
      const buffer = new Uint8Array(65_536);
      const read = async (): Promise<void> => {
        while (!isOver && await pipe.read(buffer) !== null);
      };
      if (i % 2 === 0) void read().catch(() => {});
      while (!isOver) {
        for (let at = 0; at < stream.length && !isOver;) {
          at += await pipe.write(stream.subarray(at));
        }
      }
    });
    for (const one of flood) one.catch(() => {});
    const [before, asked] = [firewall.recorder.queries.length, 50];
    for (let i = 0; i < asked; i++) await firewall.ask(query({ name: "localhost" }));
    const handled = firewall.recorder.queries.slice(before).length;
    isOver = true;
    pipes.forEach(closeQuietly);
    await Promise.allSettled(flood);
    // A turn's work lies between two of ours, and not all that the others have sent.
    assert.ok(handled / asked < 2000, `${handled} queries were handled for ${asked} of ours`);
  });
});
