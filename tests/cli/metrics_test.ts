/** `[metrics]` from the start over reloads to the end. Real sockets meet it in tests/program/metrics_test.ts. */

import assert from "node:assert/strict";
import type { SocketAddress, StreamListener } from "../../src/system/mod.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { FakeMachine, namedError } from "../support/fake_process.ts";
import { settle } from "../support/fake_clock.ts";

const ARGS = ["run", "--policy", "policy.toml"] as const;

function policy(metrics: string | undefined): string {
  const table = metrics === undefined ? "" : `[metrics]\naddress = "${metrics}"\n`;
  return `allow = ["a.example"]\n${table}[[upstream]]\naddress = "192.0.2.53"\n`;
}

/** A network that notes what listens over TCP. */
class Listening extends FakeNetwork {
  readonly places: string[] = [];
  fails: string | undefined;

  override listenTcp({ hostname, port }: SocketAddress): StreamListener {
    const place = `${hostname}:${port}`;
    if (place === this.fails) throw namedError("PermissionDenied", "Permission denied");
    this.places.push(place);
    const close = (): void => void this.places.splice(this.places.indexOf(place), 1);
    return { addr: { hostname, port }, accept: () => new Promise(() => {}), close };
  }
}

function machineWith(metrics: string | undefined): [FakeMachine, Listening] {
  const network = new Listening();
  return [new FakeMachine({ "policy.toml": policy(metrics) }, network), network];
}

async function reload(machine: FakeMachine, metrics: string | undefined): Promise<void> {
  machine.files.contents["policy.toml"] = policy(metrics);
  machine.signal("SIGHUP");
  await machine.clock.advance(100);
}

async function end(machine: FakeMachine, running: Promise<unknown>): Promise<void> {
  machine.signal("SIGTERM");
  for (let i = 0; i < 10; i++) await machine.clock.advance(100);
  await running;
}

Deno.test("metrics are off where no address is named, and say where they are where one is", async () => {
  for (const metrics of [undefined, "127.0.0.1:9153"]) {
    const [machine, network] = machineWith(metrics);
    const running = machine.run(...ARGS);
    await machine.clock.advance(100);
    const told = /^Metrics and the status page are at http:\/\/127\.0\.0\.1:9153\/$/m;
    assert.equal(told.test(machine.process.stdout.text), metrics !== undefined);
    assert.equal(network.places.includes("127.0.0.1:9153"), metrics !== undefined);
    await end(machine, running);
    assert.deepEqual(network.places, []);
  }
});

Deno.test("an address for metrics that cannot be had ends the start, with all sockets given back", async () => {
  const [machine, network] = machineWith("127.0.0.1:80");
  network.fails = "127.0.0.1:80";
  const { code, err } = await machine.run(...ARGS);
  assert.equal(code, 1);
  assert.match(err, /^Cannot listen on 127\.0\.0\.1:80: a port below 1024 needs a privilege/);
  assert.deepEqual(network.places, []);
});

Deno.test("a socket for clients that cannot be had leaves none for metrics", async () => {
  const [machine, network] = machineWith("127.0.0.1:9153");
  network.fails = "127.0.0.1:53";
  assert.equal((await machine.run(...ARGS)).code, 1);
  await settle();
  assert.deepEqual(network.places, []);
});

Deno.test("a reload moves, ends and begins metrics, and leaves them where nothing has changed", async () => {
  const [machine, network] = machineWith("127.0.0.1:9153");
  const running = machine.run(...ARGS);
  await machine.clock.advance(100);
  const metrics = (): string[] => network.places.filter((place) => !place.endsWith(":53"));
  for (const address of ["127.0.0.1:9153", "127.0.0.1:9154", undefined, "127.0.0.1:9155"]) {
    await reload(machine, address);
    assert.deepEqual(metrics(), address === undefined ? [] : [address]);
  }
  const told = machine.process.stdout.text.match(/status page are at .*/g)!;
  assert.deepEqual(told.map((line) => line.slice(-6)), [":9153/", ":9154/", ":9155/"]);
  await end(machine, running);
});

Deno.test("an address that a reload cannot have is a warning, and the one that is no longer named is closed", async () => {
  const [machine, network] = machineWith("127.0.0.1:9153");
  network.fails = "127.0.0.1:80";
  const running = machine.run(...ARGS);
  await machine.clock.advance(100);
  await reload(machine, "127.0.0.1:80");
  assert.deepEqual(network.places.filter((place) => !place.endsWith(":53")), []);
  assert.match(
    machine.process.stdout.text,
    /^Warning: Nothing can be read of fw-dns: Cannot listen on 127\.0\.0\.1:80 \(.*Permission denied\); start it again$/m,
  );
  assert.match(machine.process.stdout.text, /^Reloaded policy\.toml/m);
  await reload(machine, "127.0.0.1:9153");
  assert.ok(network.places.includes("127.0.0.1:9153"));
  await end(machine, running);
});
