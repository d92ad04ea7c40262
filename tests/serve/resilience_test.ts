/** Nothing that a client or an upstream sends, and no failing send, can stop a loop. */

import assert from "node:assert/strict";
import type { Resolution, Resolve } from "../../src/resolve/mod.ts";
import { Handler } from "../../src/serve/mod.ts";
import { Pauses } from "../../src/serve/pauses.ts";
import { UdpService } from "../../src/serve/udp.ts";
import { ReplyBuffer } from "../../src/wire/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { query, wireName } from "../support/packets.ts";
import { policyAllowing, policyFrom } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";

const LOCAL = "127.0.0.1";
const CLIENT = { hostname: "127.0.0.1", port: 5000 };

function setUp(resolve: () => never): { recorder: Recorder; handler: Handler; clock: FakeClock } {
  const [recorder, clock] = [new Recorder(), new FakeClock()];
  const policy = policyAllowing("api.example.com");
  return { recorder, clock, handler: new Handler({ policy, resolve, clock, observer: recorder }) };
}

Deno.test("an error inside the handler drops the query and is told", () => {
  const { handler, recorder } = setUp(() => {
    throw new Error("a bug");
  });
  assert.equal(handler.handle(query(), LOCAL, "udp", new ReplyBuffer()), undefined);
  assert.equal(recorder.events[0]?.event, "error");
});

Deno.test("an error that comes later drops the query too, and nothing waits any more", async () => {
  const { handler, recorder } = setUp((() => Promise.reject(new Error("a bug"))) as () => never);
  assert.equal(await handler.handle(query(), LOCAL, "udp", new ReplyBuffer()), undefined);
  assert.equal(recorder.events[0]?.event, "error");
  assert.equal(handler.waiting, 0);
});

Deno.test("a failing send and a failing receive do not end the loops", async () => {
  const { handler, recorder, clock } = setUp(() => {
    throw new Error("not asked");
  });
  const network = new FakeNetwork();
  const socket = network.bindUdp({ hostname: "127.0.0.1", port: 53 });
  let failures = 0;
  const receive = socket.receive.bind(socket);
  socket.send = () => Promise.reject(new Error("Permission denied"));
  socket.receive = (buffer) =>
    failures++ % 2 === 0 ? Promise.reject(new Error("ENOBUFS")) : receive(buffer);
  const service = new UdpService(socket, handler, clock, new Pauses(clock, () => false));
  const inbox = [...network.open][0]!;
  for (let i = 0; i < 20; i++) {
    await clock.advance(100);
    inbox.take(query({ name: "localhost" }), CLIENT);
    await settle();
  }
  await clock.advance(1000);
  assert.equal(recorder.queries.length, 20);
  await service.close();
});

Deno.test("a client's address that is none is passed over", async () => {
  const { handler, recorder, clock } = setUp(() => {
    throw new Error("not asked");
  });
  const network = new FakeNetwork();
  const socket = network.bindUdp({ hostname: "127.0.0.1", port: 53 });
  const service = new UdpService(socket, handler, clock, new Pauses(clock, () => false));
  const inbox = [...network.open][0]!;
  inbox.take(query({ name: "localhost" }), undefined as unknown as typeof CLIENT);
  inbox.take(query({ name: "localhost" }), CLIENT);
  await settle();
  assert.equal(recorder.queries.length, 1);
  await service.close();
});

Deno.test("a query that waits is answered with its own question, whatever the buffer holds by then", async () => {
  let answer = (_: Resolution): void => {};
  const policy = policyAllowing("api.example.com");
  const resolve = (): Promise<Resolution> => new Promise((resolve) => answer = resolve);
  const [observer, clock] = [new Recorder(), new FakeClock()];
  const handler = new Handler({ policy, resolve, clock, observer });
  const buffer = query({ name: "API.example.COM" });
  const late = handler.handle(buffer, LOCAL, "udp", new ReplyBuffer());
  buffer.set(query({ name: "xyz.example.net" }));
  answer({ kind: "failure", reason: "upstream" });
  const reply = (await late)!;
  assert.deepEqual([...reply.subarray(12, 29)], wireName("API.example.COM"));
});

Deno.test("when too many wait, those whose answer is at hand still get it", async () => {
  const policy = policyFrom(
    `allow = ["kept.example", "slow.example"]\n[query]\nin_flight = 1\n` +
      `[listen]\naddresses = ["127.0.0.1:53"]\nclients = ["127.0.0.0/8", "10.0.0.0/8"]\n`,
  );
  const kept: Resolution = {
    kind: "answer",
    answer: {
      rcode: 0,
      chain: [],
      data: [Uint8Array.of(192, 0, 2, 1)],
      ttl: 60,
      authenticated: false,
    },
    upstream: policy.upstreams[0]!,
    since: 0,
    turns: 0,
  };
  const resolve: Resolve = ({ name }) => name === "kept.example" ? kept : new Promise(() => {});
  const [observer, clock] = [new Recorder(), new FakeClock()];
  const handler = new Handler({ policy, resolve, clock, observer });
  const out = new ReplyBuffer();
  const ask = (name: string, client = LOCAL): void =>
    void handler.handle(query({ name }), client, "udp", out);
  for (let i = 0; i < 1000; i++) ask("slow.example");
  assert.equal(handler.waiting, 48);
  for (let i = 0; i < 1000; i++) ask("slow.example", `10.0.${i >> 8}.${i & 255}`);
  assert.equal(handler.waiting, 64);
  await settle();
  assert.equal(observer.last, "servfail overload");
  ask("kept.example");
  assert.equal(observer.last, "serve listed");
});
