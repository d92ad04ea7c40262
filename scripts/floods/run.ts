/**
 * All floods against all servers, in namespaces of their own: prints a `Results` as JSON, and on standard error how far
 * it is. Argument: for how many seconds the other client asks in each run. Needs root.
 */

import { Own } from "../bench/own.ts";
import { PEERS } from "../bench/peers.ts";
import type { Product } from "../bench/product.ts";
import { Room } from "../bench/room.ts";
import { type Server, Stage } from "../bench/stage.ts";
import { print } from "../print.ts";
import { versionOf } from "../version.ts";
import {
  BEHIND_RULES,
  dropRules,
  findServers,
  flood,
  LISTED,
  loadRules,
  prefer,
  prepare,
  WILD,
} from "./arena.ts";
import { type Flood, FLOODS, type Results, type Run, type Step } from "./kinds.ts";

/** Rates at which unlisted names come, a second: from which on does the other client lose queries? */
const RATES = [20_000, 40_000, 60_000, 80_000, 100_000, 150_000];

/** How long each of these is tried, in s. */
const STEP_SECONDS = 3;

/** The floods over TCP are also tried on a client over TCP. */
const OVER_TCP: readonly Flood[] = ["none", "connections", "pipelines"];

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** A server for each run: what one flood has left behind does not count against the next. */
async function withServer<T>(
  stage: Stage,
  product: Product,
  body: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await stage.start(product);
  try {
    await prefer(server);
    if (product.title === BEHIND_RULES) await loadRules(server);
    return await body(server);
  } finally {
    await dropRules();
    await stage.stop(server);
  }
}

async function tryAll(room: Room, stage: Stage, products: readonly Product[], seconds: number) {
  const runs: Run[] = [];
  for (const kind of Object.keys(FLOODS) as Flood[]) {
    for (const transport of OVER_TCP.includes(kind) ? ["udp", "tcp"] as const : ["udp"] as const) {
      for (const product of products) {
        const run = await withServer(
          stage,
          product,
          (server) => flood(room, server, kind, transport, seconds),
        );
        runs.push({ server: product.title, flood: kind, transport, ...run });
        const { offered, heard: { sent, replies, p50, p99, p999 } } = run;
        say(
          `${kind} ${transport} ${product.title}: ${Math.round(offered)} a second, ` +
            `${sent - replies} of ${sent} lost, ${[p50, p99, p999].map((ms) => ms.toFixed(2))} ms`,
        );
      }
    }
  }
  return runs;
}

async function climb(room: Room, stage: Stage, products: readonly Product[]): Promise<Step[]> {
  const steps: Step[] = [];
  for (const product of products) {
    for (const rate of RATES) {
      const { offered, heard: { sent, replies } } = await withServer(
        stage,
        product,
        (server) => flood(room, server, "unlisted", "udp", STEP_SECONDS, rate),
      );
      steps.push({ server: product.title, offered, lost: 1 - replies / sent });
      say(`${product.title} at ${Math.round(offered)}: ${sent - replies} of ${sent} lost`);
    }
  }
  return steps;
}

const [seconds = 20] = Deno.args.map(Number);
await new Deno.Command("ip", { args: ["link", "set", "lo", "up"] }).output();
const room = await Room.open();
try {
  await prepare(room);
  const own = await Own.find(room.folder);
  const products = await findServers(own);
  const stage = await Stage.open(room, { names: [...LISTED, `*.${WILD}`], ttl: 86_400, delay: 0 });
  // A port of a server must not be in use by a connection of the flood when the next server needs it.
  await stage.prepared(products);
  await Deno.writeTextFile("/proc/sys/net/ipv4/ip_local_port_range", "10000 29999");
  const runs = await tryAll(room, stage, products, seconds);
  const steps = await climb(room, stage, products.filter(({ title }) => title !== BEHIND_RULES));
  const here = PEERS.filter(({ title }) => products.some((one) => one.title === title));
  const versions = await Promise.all(
    here.map(async ({ title, version }) => `${title} ${await versionOf(...version!)}`),
  );
  await stage.close();
  const results: Results = { seconds, isCompiled: own.isCompiled, versions, runs, steps };
  print(JSON.stringify(results));
} finally {
  room.close();
}
Deno.exit(0);
