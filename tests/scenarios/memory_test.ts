/** What is kept takes as much memory as docs/architecture.md says: counted after all that is in use no more is gone. */

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Ticks } from "../../src/resolve/ticks.ts";
import { MOST_BYTES } from "../../src/resolve/wildcards.ts";
import { record } from "../support/packets.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { Bench, FIRST } from "../support/fake_resolver.ts";
import { Simulation } from "../support/simulation.ts";
import { respond } from "../support/upstream_answers.ts";

/** Names of one measurement, and those that are asked for before it: what is there once is not counted. */
const [NAMES, BEFORE] = [4000, 400];

/** Frees what is in use no more; the tests are run with `--expose-gc` for it. */
async function collect(): Promise<Deno.MemoryUsage> {
  const { gc } = globalThis as { gc?: () => void };
  assert.ok(gc !== undefined, "run this with: deno task test:scenarios");
  // What a weak reference was followed to lives until the turn of the event loop is over.
  await setImmediate();
  gc();
  await setImmediate();
  gc();
  return Deno.memoryUsage();
}

/** Asks for names and waits until nothing of that is under way, planned refreshes aside. */
async function askAll(bench: Bench, names: readonly string[]): Promise<void> {
  for (const [i, name] of names.entries()) {
    void bench.ask(name);
    if (i % 100 < 99) continue;
    await bench.settle();
    // Packets leave one after the other: that takes very many turns of the event loop.
    await setImmediate();
    bench.network.sent.length = 0;
  }
  await bench.clock.advance(6000);
  bench.network.sent.length = 0;
  bench.recorder.events.length = 0;
}

/** What a name takes on the heap once it is answered, in bytes. */
async function bytesPerName(bench: Bench, names: readonly string[]): Promise<number> {
  await askAll(bench, names.slice(0, BEFORE));
  const before = await collect();
  await askAll(bench, names.slice(BEFORE));
  const after = await collect();
  assert.equal(bench.ask(names.at(-1)).resolution?.kind, "answer");
  return (after.heapUsed - before.heapUsed) / (names.length - BEFORE);
}

/** A bench whose upstream has so many addresses for each name, for an hour. */
function withAddresses(count: number, head?: string): Bench {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n`, 1, head);
  const answer = Array.from(
    { length: count },
    (_, i) => record([0xc0, 12], 1, 3600, [192, 0, 2, i]),
  );
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { answer })));
  return bench;
}

const LABELS = Array.from({ length: NAMES }, (_, i) => `label${i}.example`);
const LISTED = `allow = ${JSON.stringify(LABELS)}`;

Deno.test("a name below a wildcard that is answered takes less than 1.2 KB", async () => {
  const bytes = await bytesPerName(withAddresses(1), LABELS);
  assert.ok(bytes < 1200, `${bytes} bytes`);
});

Deno.test("a listed name that is answered takes less than 1.5 KB, its planned refresh included", async () => {
  const bytes = await bytesPerName(withAddresses(1, LISTED), LABELS);
  assert.ok(bytes < 1500, `${bytes} bytes`);
});

Deno.test("each further address of a name takes less than 140 bytes", async () => {
  const one = await bytesPerName(withAddresses(1), LABELS);
  const nine = await bytesPerName(withAddresses(9), LABELS);
  const bytes = (nine - one) / 8;
  assert.ok(bytes < 140, `${bytes} bytes`);
});

Deno.test("names below wildcards take no more than 32 MiB, however long they are and whatever their answers", async () => {
  const filler = ".a".repeat(90);
  const long = Array.from(
    { length: 1500 },
    (_, i) => `label${i}.${"x".repeat(50)}${filler}.example`,
  );
  const bench = withAddresses(200);
  const before = await collect();
  await askAll(bench, long);
  const after = await collect();
  const kept = long.filter((name) => bench.ask(name).resolution !== undefined).length;
  assert.ok(kept > 500 && kept < long.length, `${kept} of ${long.length} are kept`);
  const bytes = after.heapUsed - before.heapUsed + after.external - before.external;
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

Deno.test("a task that was called off holds nothing until its tick", async () => {
  const ticks = new Ticks(new FakeClock(), 10);
  const held = ((): WeakRef<object> => {
    const heavy = { bytes: new Uint8Array(1000) };
    const cancel = ticks.at(3_600_000, { place: 0, key: "" }, () => void heavy.bytes.fill(1));
    cancel();
    return new WeakRef(heavy);
  })();
  await collect();
  assert.equal(held.deref(), undefined);
  assert.ok(ticks.next > 0);
});

Deno.test("an idle TCP connection of a client takes less than 8 KB", async () => {
  const connections = 400;
  const simulation = new Simulation(
    `allow = ["a.example"]
[[upstream]]
address = "${FIRST}"
[listen]
tcp_connections = ${connections}
`,
    () => {},
  );
  simulation.start();
  await settle();
  const before = await collect();
  for (let port = 1; port <= connections; port++) {
    simulation.network.connectClient({ hostname: "127.0.0.1", port });
    // Taking many connections has to wait for its turns.
    await simulation.clock.advance(5);
  }
  const after = await collect();
  const bytes = (after.external - before.external) / connections;
  assert.ok(bytes < 8192 && bytes > 1024, `${bytes} bytes`);
  await simulation.stop();
});
