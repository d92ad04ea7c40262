/** TCP when this process may open no more files. */

import assert from "node:assert/strict";
import { Handler } from "../../src/serve/mod.ts";
import { Pauses } from "../../src/serve/pauses.ts";
import { TcpService } from "../../src/serve/tcp.ts";
import { Turns } from "../../src/serve/turns.ts";
import type { StreamConnection, StreamListener } from "../../src/system/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { ReadableStreamEnd } from "../support/fake_network.ts";
import { policyAllowing } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";

/** A client's connection, from the program's side. */
class Connection extends ReadableStreamEnd {
  constructor(client: string, readonly onClose: () => void) {
    super({ hostname: client, port: 5000 });
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(bytes.length);
  }

  get isOpen(): boolean {
    return !this.isClosed;
  }

  override close(): void {
    if (!this.isClosed) this.onClose();
    super.close();
  }
}

/** A listener whose connections take descriptors, of which there are few. */
class TightListener implements StreamListener {
  readonly addr = { hostname: "127.0.0.1", port: 53 };
  readonly #backlog: string[] = [];
  #wake = (): void => {};
  #free: number;
  /** All that were taken. */
  readonly taken: Connection[] = [];

  constructor(descriptors: number) {
    this.#free = descriptors;
  }

  connect(client: string): void {
    this.#backlog.push(client);
    this.#wake();
  }

  async accept(): Promise<StreamConnection> {
    while (this.#backlog.length === 0) await new Promise<void>((wake) => this.#wake = wake);
    if (this.#free === 0) throw new Error("Too many open files (os error 24)");
    this.#free--;
    const connection = new Connection(this.#backlog.shift()!, () => this.#free++);
    this.taken.push(connection);
    return connection;
  }

  close(): void {}
}

function setUp(descriptors: number) {
  const [clock, recorder, listener] = [
    new FakeClock(),
    new Recorder(),
    new TightListener(descriptors),
  ];
  const policy = policyAllowing("api.example.com");
  const resolve = (): never => assert.fail("nothing is to be resolved");
  const handler = new Handler({ policy, resolve, clock, observer: recorder });
  const limits = { connections: 64, idle: 10_000 };
  const pauses = new Pauses(clock, () => false);
  const service = new TcpService(handler, clock, pauses, new Turns(clock), limits, recorder);
  service.serve(listener);
  return { clock, recorder, listener, service };
}

Deno.test("who holds all descriptors with idle connections does not keep others out", async () => {
  const { clock, recorder, listener, service } = setUp(10);
  for (let i = 0; i < 200; i++) listener.connect("127.0.0.1");
  listener.connect("127.0.0.2");
  await settle();
  await clock.advance(500);
  const last = listener.taken.at(-1)!;
  assert.deepEqual(last.remoteAddr, { hostname: "127.0.0.2", port: 5000 });
  assert.ok(last.isOpen);
  const told = recorder.events.filter(({ event }) => event === "warning");
  assert.equal(told.length, 1);
  assert.match(JSON.stringify(told[0]), /Too many open files.*LimitNOFILE=.*tcp_connections/);
  service.close();
});

Deno.test("where no connection can make way, the next try waits", async () => {
  const { clock, recorder, listener, service } = setUp(0);
  let tries = 0;
  const accept = listener.accept.bind(listener);
  listener.accept = () => {
    tries++;
    return accept();
  };
  listener.connect("127.0.0.1");
  await settle();
  await clock.advance(10_000);
  assert.ok(tries <= 101, `${tries} tries`);
  assert.equal(recorder.events.length, 1);
  service.close();
});

Deno.test("it is told once in a minute that connections make way", async () => {
  const { clock, recorder, listener, service } = setUp(1000);
  const told = (): number => recorder.events.filter(({ event }) => event === "warning").length;
  for (let i = 0; i < 200; i++) listener.connect("127.0.0.1");
  while (listener.taken.length < 200) await clock.advance(1);
  assert.equal(listener.taken.filter(({ isOpen }) => isOpen).length, 64);
  assert.equal(told(), 1);
  await clock.advance(60_000);
  for (let i = 0; i < 200; i++) listener.connect("127.0.0.1");
  while (listener.taken.length < 400) await clock.advance(1);
  assert.equal(told(), 2);
  service.close();
});

Deno.test("who connects and is gone at once costs nobody a connection, or time", async () => {
  const { clock, recorder, listener, service } = setUp(10);
  listener.connect("127.0.0.1");
  await clock.advance(5000);
  const accept = listener.accept.bind(listener);
  let gone = 50;
  listener.accept = () => {
    if (gone-- <= 0) return accept();
    const error = new Error("Transport endpoint is not connected (os error 107)");
    error.name = "NotConnected";
    return Promise.reject(error);
  };
  listener.connect("127.0.0.1");
  listener.connect("127.0.0.2");
  await clock.advance(50);
  assert.equal(listener.taken.length, 3);
  assert.ok(listener.taken.every(({ isOpen }) => isOpen));
  assert.deepEqual(recorder.events, []);
  service.close();
});
