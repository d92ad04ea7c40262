/** A week in hermetic mode, with 500 pairs, TTLs from 5 s to a day, and upstreams that fail for hours. */

import assert from "node:assert/strict";
import { query } from "../support/packets.ts";
import { questionIn, scriptUpstream } from "../support/scripted_upstream.ts";
import { Simulation } from "../support/simulation.ts";
import { settle } from "../support/fake_clock.ts";

const UPSTREAM = "192.0.2.53:53";
const [HOUR, DAY] = [3_600_000, 86_400_000];
const FLOOR = HOUR;

const NAMES = Array.from({ length: 250 }, (_, i) => `n${i}.example`);

const POLICY = `mode = "hermetic"
allow = ${JSON.stringify(NAMES)}
[[upstream]]
address = "${UPSTREAM}"
[cache]
min_ttl = "1h"
max_ttl = "24h"
`;

/** Two outages: six hours on the third day, and a minute every day. */
function isDown(at: number): boolean {
  return (at > 2.5 * DAY && at < 2.5 * DAY + 6 * HOUR) ||
    (at % DAY > HOUR && at % DAY < HOUR + 60_000);
}

/** What is really in use, in bytes; the test is run with `--expose-gc` for it. */
function memoryInUse(): number {
  const { gc } = globalThis as { gc?: () => void };
  assert.ok(gc !== undefined, "run this with: deno task test:scenarios");
  gc();
  return Deno.memoryUsage().heapUsed;
}

/** Where one emission ends and the next begins in what goes upstream: its rounds are at most this far apart, in ms. */
const LONGEST_GAP = 50_000;

Deno.test("hermetic, for a week: nobody waits after the start, no pair starts twice in a floor, memory is flat", async () => {
  const simulation = new Simulation(
    POLICY,
    (it) =>
      scriptUpstream(it, UPSTREAM, { isDown, trouble: 0.05, ttls: [5, 60, 900, 7200, 86_400] }),
  );
  const { clock, network, recorder } = simulation;
  /** The last sight of each pair, and the start of the emission that it belongs to. */
  const seen = new Map<string, { start: number; last: number }>();
  let emissions = 0;
  let packets = 0;
  const onSent = network.onSent;
  network.onSent = (packet) => {
    onSent(packet);
    const at = clock.monotonic();
    packets++;
    network.sent.length = 0;
    const pair = questionIn(packet.bytes);
    if (packet.to.port !== 53 || pair === " NS") return;
    const { start, last } = seen.get(pair) ?? { start: -Infinity, last: -Infinity };
    // Within an emission rounds follow each other; what comes after a longer silence has started anew.
    const isNew = at > last + LONGEST_GAP;
    if (isNew) emissions++;
    if (isNew) assert.ok(at >= start + FLOOR, `${pair} started at ${start} and at ${at}`);
    seen.set(pair, { start: isNew ? at : start, last: at });
  };
  simulation.start();
  const use: number[] = [];
  for (let at = 0; at < 7 * DAY; at += 97_000) {
    await clock.advance(97_000);
    network.trace.length = 0;
    recorder.events.length = 0;
    for (const type of [1, 28]) simulation.send(query({ name: NAMES[(at / 97_000) % 250]!, type }));
    await settle();
    assert.deepEqual(
      recorder.queries.map(({ verdict }) => verdict),
      ["serve", "serve"],
      `at ${at}`,
    );
    if (at % DAY < 97_000) use.push(memoryInUse());
  }
  assert.ok(emissions > 10_000 && packets > emissions, `${emissions} ${packets}`);
  assert.ok(use.at(-1)! < 1.2 * use[1]!, `memory grew: ${use.map((n) => n >> 20).join(" ")} MiB`);
  await simulation.stop();
});
