/** What a reload of the daemon opens, closes and leaves: in memory, by the sockets that are open. */

import assert from "node:assert/strict";
import { Admission, type Daemon, startDaemon, StartError } from "../../src/serve/mod.ts";
import type { StreamListener } from "../../src/system/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakeHelper } from "../support/fake_helper.ts";
import { FakeNetwork, ReadableStreamEnd } from "../support/fake_network.ts";
import { query } from "../support/packets.ts";
import { policyFrom } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { respondA } from "../support/upstream_answers.ts";

const [FIRST, SECOND] = ["192.0.2.53:53", "192.0.2.54:53"];
const CLIENT = { hostname: "127.0.0.1", port: 5353 };

/** A client's connection, which tells whether it was closed. */
class Caller extends ReadableStreamEnd {
  get isOver(): boolean {
    return this.isClosed;
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(bytes.length);
  }
}

/** A network that knows which TCP sockets listen, and on which a test can call. */
class Exchange extends FakeNetwork {
  readonly listening = new Map<number, (caller: Caller) => void>();

  override listenTcp(addr: { hostname: string; port: number }): StreamListener {
    const callers: Caller[] = [];
    let wake = (): void => {};
    this.listening.set(addr.port, (caller) => {
      callers.push(caller);
      wake();
    });
    return {
      addr,
      accept: async () => {
        while (callers.length === 0) await new Promise<void>((resolve) => wake = resolve);
        return callers.shift()!;
      },
      close: () => this.listening.delete(addr.port),
    };
  }

  /** The ports of UDP sockets on loopback. */
  get bound(): number[] {
    return [...this.open].filter(({ addr }) => addr.hostname === "127.0.0.1")
      .map(({ addr }) => addr.port);
  }
}

/** A daemon in memory. */
class Room {
  readonly clock = new FakeClock();
  readonly network = new Exchange();
  readonly helper = new FakeHelper(this.clock);
  readonly daemon: Daemon;

  constructor(toml: string, isResolvedOnly = false) {
    for (const upstream of [FIRST, SECOND]) {
      this.network.onUdp(upstream, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 300)));
    }
    const { clock, network } = this;
    const recorder = new Recorder();
    const system = { clock, network, random: new SeededRandom(1) };
    const admission = isResolvedOnly
      ? new Admission({ clock, unix: this.helper.unix }, recorder)
      : undefined;
    this.daemon = startDaemon(policyFrom(toml), system, recorder, admission);
  }

  /** A client asks over UDP; what comes of it has come. */
  async ask(port: number, name: string): Promise<void> {
    const socket = [...this.network.open].find(({ addr }) => addr.port === port);
    assert.ok(socket !== undefined, `nothing is bound to ${port}`);
    socket.take(query({ name }), CLIENT);
    await this.clock.advance(100);
  }

  /** How many packets have gone to the client. */
  get heard(): number {
    return this.network.sent.filter(({ to }) => to.port === CLIENT.port).length;
  }

  async call(): Promise<Caller> {
    const caller = new Caller(CLIENT);
    this.network.listening.get(53)!(caller);
    await settle();
    return caller;
  }

  async stop(): Promise<void> {
    const stopped = this.daemon.stop();
    await this.clock.advance(5000);
    await stopped;
    assert.deepEqual([this.network.bound, this.network.listening.size], [[], 0]);
  }
}

function policy(ports: readonly number[], upstream = FIRST, more = ""): string {
  const addresses = ports.map((port) => `"127.0.0.1:${port}"`);
  return `allow = ["a.example", "b.example"]
[listen]
addresses = [${addresses}]
${more}
[[upstream]]
address = "${upstream}"
`;
}

Deno.test("a reload opens what is new, closes what is gone, and leaves what stays", async () => {
  const room = new Room(policy([53, 54]));
  const kept = [...room.network.open].find(({ addr }) => addr.port === 54);
  room.daemon.reload(policyFrom(policy([54, 55])));
  await room.clock.advance(100);
  assert.deepEqual(room.network.bound.sort(), [54, 55]);
  assert.deepEqual([...room.network.listening.keys()].sort(), [54, 55]);
  assert.ok(room.network.open.has(kept!));
  await room.ask(55, "a.example");
  assert.equal(room.heard, 1);
  await room.stop();
});

Deno.test("a client who has asked at an address that goes is answered there, and no one who asks later", async () => {
  const room = new Room(policy([53]));
  let answer = (): void => {};
  room.network.onUdp(FIRST, ({ bytes }, reply) => answer = () => reply(respondA(bytes)));
  await room.ask(53, "a.example");
  room.daemon.reload(policyFrom(policy([54])));
  await room.ask(53, "localhost");
  assert.equal(room.heard, 0);
  answer();
  await room.clock.advance(100);
  assert.equal(room.heard, 1);
  assert.deepEqual(room.network.bound, [54]);
  await room.stop();
});

Deno.test("an end soon after a reload waits for who has asked at an address that goes", async () => {
  const room = new Room(policy([53]));
  let answer = (): void => {};
  room.network.onUdp(FIRST, ({ bytes }, reply) => answer = () => reply(respondA(bytes)));
  await room.ask(53, "a.example");
  room.daemon.reload(policyFrom(policy([54])));
  const stopped = room.daemon.stop();
  assert.equal(room.daemon.stop(), stopped, "it ends once");
  const seen = stopped.then(() => [room.heard, room.network.bound]);
  answer();
  await room.clock.advance(100);
  assert.deepEqual(await seen, [1, []]);
});

Deno.test("where sockets towards the new upstreams cannot be had, those for clients are given back", async () => {
  const room = new Room(policy([53]));
  const { bindUdp } = room.network;
  room.network.bindUdp = (address) => {
    if (address.hostname === "0.0.0.0") throw new Error("Too many open files");
    return bindUdp.call(room.network, address);
  };
  assert.throws(() => room.daemon.reload(policyFrom(policy([53, 54], SECOND))), StartError);
  assert.deepEqual([room.network.bound, [...room.network.listening.keys()]], [[53], [53]]);
  await room.ask(53, "a.example");
  assert.equal(room.heard, 1);
  await room.stop();
});

Deno.test("where one of several addresses cannot be had, none is taken", async () => {
  const room = new Room(policy([53]));
  const { bindUdp } = room.network;
  room.network.bindUdp = (address) => {
    if (address.port === 55) throw new Error("Address in use");
    return bindUdp.call(room.network, address);
  };
  assert.throws(
    () => room.daemon.reload(policyFrom(policy([53, 54, 55]))),
    /^StartError: Cannot listen on 127\.0\.0\.1:55$/,
  );
  assert.deepEqual([room.network.bound, [...room.network.listening.keys()]], [[53], [53]]);
  await room.stop();
});

Deno.test("how many connections there may be changes with a reload, for those that are still to come", async () => {
  const room = new Room(policy([53], FIRST, "tcp_connections = 3"));
  const [first, second] = [await room.call(), await room.call()];
  room.daemon.reload(policyFrom(policy([53], FIRST, "tcp_connections = 1")));
  await settle();
  assert.deepEqual([first.isOver, second.isOver], [false, false]);
  await room.call();
  assert.equal(first.isOver, true);
  await room.stop();
});

Deno.test("for how long addresses are admitted follows the policy in force", async () => {
  const room = new Room(policy([53], FIRST, '[cache]\nstale = "0s"'), true);
  await room.helper.start();
  room.daemon.reload(policyFrom(policy([53], FIRST, '[cache]\nstale = "1h"')));
  await room.ask(53, "a.example");
  assert.equal(Math.round(room.helper.nft.left("192.0.2.1")!), 300 + 3600 + 120);
  await room.stop();
});
