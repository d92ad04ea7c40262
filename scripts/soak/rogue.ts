/**
 * A rogue: reads from its input what to do, and prints a `Burst` as JSON when it has done so.
 *
 * `flood MS` asks as fast as it can for what is unlisted, malformed, listed and below the wildcard; `spend N` asks for
 * so many names below the wildcard. All the time it holds TCP connections that it misuses.
 *
 * Arguments: the port of the firewall on 127.0.0.1.
 */

import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { query } from "../../tests/support/packets.ts";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { print } from "../print.ts";
import { malform } from "./malformed.ts";
import { TCP_CONNECTIONS } from "./policies.ts";
import type { Burst } from "./seen.ts";
import { nameOf, randomWildcardName, unlistedName } from "./world.ts";
import { sleep } from "../sleep.ts";

const port = Number(Deno.args[0]);
const server = { transport: "udp", hostname: "127.0.0.1", port } as const;
const FLOODER = "127.0.0.66";
const SQUATTER = "127.0.0.67";

/** Connections that it holds, or tries to. */
const CONNECTIONS = TCP_CONNECTIONS + 20;

/** Packets that are made beforehand, of each kind; and how many leave between two looks at the clock. */
const PACKETS = 500;
const BATCH = 16;

/** How fast it asks for names below the wildcard, in a second: none should be lost. */
const SPENDING = 300;

const random = new SeededRandom(66);
const socket = Deno.listenDatagram({ transport: "udp", hostname: FLOODER, port: 0 });
let burst = { sent: 0, replies: 0, leaks: [] as string[] };

/** The kinds of packets; the upper bits of the ID say which one it is. */
const KINDS: readonly (() => Uint8Array)[] = [
  () => query({ name: unlistedName(random) }),
  () => malform(query({ name: nameOf("list", random.below(100)) }), random),
  () => query({ name: nameOf("list", random.below(100)) }),
  () => query({ name: randomWildcardName(random) }),
];
const packets = KINDS.flatMap((make, kind) =>
  Array.from({ length: PACKETS }, () => {
    const packet = make();
    packet[0] = kind << 6;
    return packet;
  })
);

async function receive(): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (true) {
    const [reply] = await socket.receive(buffer);
    burst.replies++;
    const kind = reply[0]! >> 6;
    const isRefusal = (reply[3]! & 15) === 5 && reply[7] === 0;
    if (kind > 1 || kind === 0 && isRefusal) continue;
    if (burst.leaks.length < 10) burst.leaks.push(`kind ${kind}, RCODE ${reply[3]! & 15}`);
  }
}

async function flood(time: number): Promise<void> {
  const end = performance.now() + time;
  while (performance.now() < end) {
    for (let i = 0; i < BATCH; i++) {
      await socket.send(packets[random.below(packets.length)]!, server).catch(() => {});
      burst.sent++;
    }
    await setImmediate();
  }
}

async function spend(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const packet = query({ id: 3 << 14, name: randomWildcardName(random) });
    await socket.send(packet, server).catch(() => {});
    burst.sent++;
    if (i % (SPENDING / 50) === 0) await sleep(20);
  }
}

/** Ways to misuse a connection. */
const MISUSES: readonly ((write: (bytes: Uint8Array) => void) => void)[] = [
  // Only half of a length, then half of a message.
  (write) => write(Uint8Array.of(0)),
  (write) => write(Uint8Array.of(0, 100, 1, 2, 3)),
  // Questions without end, and never a look at the replies.
  (write) => {
    const packet = query({ name: nameOf("list", 7), type: 28 });
    const framed = [packet.length >> 8, packet.length & 255, ...packet];
    for (let i = 0; i < 200; i++) write(Uint8Array.from(framed));
  },
  (write) => write(Uint8Array.of(0, 0)),
  () => {},
];

/** Opens a connection, misuses it, and opens another when it has been closed. */
function squat(): void {
  const { hostname: host } = server;
  const client = connect({ host, port, localAddress: SQUATTER, allowHalfOpen: true });
  client.pause();
  client.on("connect", () => {
    MISUSES[random.below(MISUSES.length)]!((bytes) => client.write(Buffer.from(bytes)));
  });
  client.on("error", () => {});
  // It does not read, so it learns of the end late: now and then it goes by itself.
  const timer = setTimeout(() => client.destroy(), 2000 + random.below(15_000));
  client.on("close", () => {
    clearTimeout(timer);
    setTimeout(squat, 500 + random.below(1000));
  });
}

async function obey(line: string): Promise<void> {
  const [verb, amount] = line.split(" ");
  await (verb === "flood" ? flood : spend)(Number(amount));
  await sleep(300);
  const told: Burst = { done: verb === "flood" ? "flood" : "spend", ...burst };
  burst = { sent: 0, replies: 0, leaks: [] };
  print(JSON.stringify(told));
}

void receive();
for (let i = 0; i < CONNECTIONS; i++) setTimeout(squat, random.below(5000));
print("ready");
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream() as never);
for await (const text of lines as ReadableStream<string>) {
  // At once: what is told later does not wait for what takes long.
  for (const line of text.trim().split("\n")) void obey(line);
}
Deno.exit(0);
