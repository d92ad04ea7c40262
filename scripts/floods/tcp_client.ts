/**
 * A client over TCP that asks at fixed times, each time on a connection of its own. Prints a `Heard` as JSON.
 *
 * Arguments: the server's port on 127.0.0.1, queries a second, for how many seconds, and a file with one name a line.
 */

import { query } from "../../tests/support/packets.ts";
import type { Heard } from "../bench/heard.ts";
import { percentile } from "../bench/stats.ts";
import { print } from "../print.ts";
import { sleep } from "../sleep.ts";

/** How long to wait for a reply, in ms; a query without one counts as that long. */
const PATIENCE = 2000;

const [port = 0, rate = 0, seconds = 0] = Deno.args.map(Number);
const names = (await Deno.readTextFile(Deno.args[3]!)).trim().split("\n");
const total = Math.round(rate * seconds);
const latencies = new Float64Array(total).fill(PATIENCE);
const lateness = new Float64Array(total);
const rcodes: Record<number, number> = {};
let replies = 0;

/** Reads one reply, and returns its RCODE. */
async function readReply(connection: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(512);
  for (let held = 0; held < 6;) {
    const count = await connection.read(buffer.subarray(held));
    if (count === null) throw new Error("closed");
    held += count;
  }
  return buffer[5]! & 15;
}

async function ask(index: number): Promise<void> {
  const start = performance.now();
  const packet = query({ name: names[index % names.length]!, id: index & 0xffff });
  let connection: Deno.Conn | undefined;
  const timer = setTimeout(() => connection?.close(), PATIENCE);
  try {
    connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(Uint8Array.from([0, packet.length, ...packet]));
    const rcode = await readReply(connection);
    const took = performance.now() - start;
    if (took > PATIENCE) return;
    latencies[index] = took;
    rcodes[rcode] = (rcodes[rcode] ?? 0) + 1;
    replies++;
    connection.close();
  } catch {
    // No answer.
  } finally {
    clearTimeout(timer);
  }
}

const begun = performance.now();
for (let index = 0; index < total; index++) {
  const planned = begun + index * 1000 / rate;
  const wait = planned - performance.now();
  if (wait > 0) await sleep(wait);
  lateness[index] = Math.max(0, performance.now() - planned);
  void ask(index);
}
const end = performance.now() + PATIENCE;
while (replies < total && performance.now() < end) {
  await sleep(10);
}
latencies.sort();
const heard: Heard = {
  sent: total,
  replies,
  rcodes,
  p50: percentile(latencies, 0.5),
  p99: percentile(latencies, 0.99),
  p999: percentile(latencies, 0.999),
  max: percentile(latencies, 1),
  lateness: percentile(lateness.sort(), 0.999),
};
print(JSON.stringify(heard));
Deno.exit(0);
