/**
 * A client that sends at fixed times, whatever comes back: a server that is stuck for a second is seen by all queries
 * of that second. What it is late itself is no part of what it measures, but told. Prints an `Heard` as JSON.
 *
 * Arguments: the server's port on 127.0.0.1, queries a second, how many seconds, a file with one name a line, and how
 * many seconds of asking come before these and do not count.
 */

import { setImmediate } from "node:timers/promises";
import { query } from "../../tests/support/packets.ts";
import { print } from "../print.ts";
import type { Heard } from "./heard.ts";
import { percentile } from "./stats.ts";
import { sleep } from "../sleep.ts";

/** How long to wait for the last replies, in ms; a query without one counts as that long. */
const PATIENCE = 2000;

/** A timer may come this late, in ms: from then on the clock is watched. */
const TIMER_SLACK = 3;

const [port = 0, rate = 0, seconds = 0, , lead = 0] = Deno.args.map(Number);
const names = (await Deno.readTextFile(Deno.args[3]!)).trim().split("\n");
const packets = names.map((name) => query({ name }));
const server = { transport: "udp", hostname: "127.0.0.1", port } as const;
const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });

const uncounted = Math.round(rate * lead);
const total = uncounted + Math.round(rate * seconds);
const latencies = new Float64Array(total).fill(PATIENCE);
const sentAt = new Float64Array(total);
/** Which query has an ID by now. */
const holders = new Int32Array(65_536).fill(-1);
const rcodes: Record<number, number> = {};
const start = performance.now() + 100;
let replies = 0;

function plannedAt(index: number): number {
  return start + index * 1000 / rate;
}

async function receive(): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (true) {
    const [reply] = await socket.receive(buffer);
    const now = performance.now();
    const id = reply[0]! << 8 | reply[1]!;
    const index = holders[id]!;
    if (index === -1) continue;
    holders[id] = -1;
    latencies[index] = Math.min(PATIENCE, now - sentAt[index]!);
    if (index < uncounted) continue;
    replies++;
    const rcode = reply[3]! & 15;
    rcodes[rcode] = (rcodes[rcode] ?? 0) + 1;
  }
}

function send(index: number): void {
  const packet = packets[index % packets.length]!;
  const id = index & 0xffff;
  packet[0] = id >> 8;
  packet[1] = id & 0xff;
  holders[id] = index;
  sentAt[index] = performance.now();
  void socket.send(packet, server).catch(() => {});
}

async function sendAll(): Promise<void> {
  for (let index = 0; index < total;) {
    const wait = plannedAt(index) - performance.now();
    if (wait <= 0) send(index++);
    else if (wait > TIMER_SLACK) await sleep(wait - TIMER_SLACK + 1);
    // A turn of the event loop, so that replies are read meanwhile.
    else await setImmediate();
  }
}

void receive();
await sendAll();
const counted = total - uncounted;
const end = performance.now() + PATIENCE;
while (replies < counted && replies > 0 && performance.now() < end) await sleep(10);
const lateness = sentAt.map((at, index) => at - plannedAt(index)).subarray(uncounted).sort();
const measured = latencies.subarray(uncounted).sort();
const heard: Heard = {
  sent: counted,
  replies,
  rcodes,
  p50: percentile(measured, 0.5),
  p99: percentile(measured, 0.99),
  p999: percentile(measured, 0.999),
  max: percentile(measured, 1),
  lateness: percentile(lateness, 0.999),
};
print(JSON.stringify(heard));
Deno.exit(0);
