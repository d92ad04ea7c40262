/** Nothing that a client or an upstream sends, and no failing send, can stop a loop. */

import assert from "node:assert/strict";
import { Handler } from "../../src/serve/mod.ts";
import { UdpService } from "../../src/serve/udp.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { query } from "../support/packets.ts";
import { policyAllowing } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";

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
  const client = { address: "127.0.0.1", transport: "udp" } as const;
  assert.equal(handler.handle(query(), client, new Uint8Array(65535)), undefined);
  assert.equal(recorder.events[0]?.event, "error");
});

Deno.test("an error that comes later drops the query too, and nothing waits any more", async () => {
  const { handler, recorder } = setUp((() => Promise.reject(new Error("a bug"))) as () => never);
  const client = { address: "127.0.0.1", transport: "udp" } as const;
  assert.equal(await handler.handle(query(), client, new Uint8Array(65535)), undefined);
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
  const service = new UdpService(socket, handler, clock);
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
  const service = new UdpService(socket, handler, clock);
  const inbox = [...network.open][0]!;
  inbox.take(query({ name: "localhost" }), undefined as unknown as typeof CLIENT);
  inbox.take(query({ name: "localhost" }), CLIENT);
  await settle();
  assert.equal(recorder.queries.length, 1);
  await service.close();
});
