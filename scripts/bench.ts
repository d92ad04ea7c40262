/**
 * `deno task bench`: fw-dns beside a bare echo of the same runtime, the servers that are installed here and a stand-in
 * for the program that it replaces. Prints what it measures, and writes docs/benchmarks.md with its plots.
 */

import { Bench } from "./bench/bench.ts";
import { type Options, readOptions } from "./bench/options.ts";
import type { Outcome } from "./bench/outcome.ts";
import { RECURSOR_EXPORTED } from "./bench/exported.ts";
import { ORIGINAL, Own } from "./bench/own.ts";
import { REFUSING } from "./bench/ordinary.ts";
import { PEERS } from "./bench/peers.ts";
import type { Product } from "./bench/product.ts";
import { Room } from "./bench/room.ts";
import { WORKLOADS } from "./bench/workloads.ts";
import { writeDocument } from "./bench/write.ts";
import { versionOf } from "./version.ts";

/** Programs without which there is nothing to measure, and the Debian package of each. */
const NEEDED = { dnsperf: "dnsperf", taskset: "util-linux" } as const;

const ALL: readonly Product[] = [...PEERS, RECURSOR_EXPORTED, ORIGINAL];

/** Above this load something else must be going on. */
const MOST_BUSY = 0.7;

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args, WORKLOADS.map(({ id }) => id));
  if (typeof options === "string") {
    say(options);
    return 2;
  }
  for (const [program, name] of Object.entries(NEEDED)) {
    if (await versionOf(program, "-h") !== undefined) continue;
    say(`${program} is missing: apt-get install -y ${name}`);
    return 1;
  }
  const room = await Room.open();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      room.close();
      Deno.exit(130);
    });
  }
  try {
    await measure(room, options);
    return 0;
  } finally {
    room.close();
  }
}

async function measure(room: Room, options: Options): Promise<void> {
  const own = await Own.find(room.folder);
  say(
    own.isCompiled ? "fw-dns and the echo are compiled." : "fw-dns and the echo run from source.",
  );
  const versions = new Map<Product, string | undefined>();
  for (const one of ALL) versions.set(one, await versionOf(...one.version!));
  const isHere = (one: Product): boolean => versions.get(one) !== undefined;
  const missing = ALL.filter((one) => !isHere(one));
  if (missing.length > 0) say(`Not here: ${missing.map(({ title }) => title).join(", ")}`);
  const others = {
    peers: PEERS.filter(isHere),
    exported: [RECURSOR_EXPORTED].filter(isHere),
    original: [ORIGINAL].filter(isHere),
  };
  const busy = await busyness();
  if (busy > MOST_BUSY) say(`Other programs use this machine (load ${busy}): expect noise.`);
  const bench = new Bench(room, own, others, options.effort, say);
  const outcomes: Outcome[] = [];
  for (const workload of WORKLOADS.filter(({ id }) => options.only.includes(id))) {
    const outcome = await workload.run(bench, workload);
    if (outcome.skipped !== undefined) say(`${workload.id}: skipped: ${outcome.skipped}`);
    outcomes.push(outcome);
  }
  await bench.close();
  await writeDocument(options.output, outcomes, {
    isCompiled: own.isCompiled,
    busy,
    effort: options.effort,
    versions: await allVersions(own, versions),
    missing: missing.map(({ title }) => title),
    products: [
      own.fwDns(REFUSING),
      own.echo,
      ...others.peers,
      ...others.exported,
      ...others.original,
    ],
  });
  say(`Wrote ${options.output}/benchmarks.md`);
}

/** How many processes wanted to run, on average over the last minute. */
async function busyness(): Promise<number> {
  return Number((await Deno.readTextFile("/proc/loadavg")).split(" ")[0]);
}

async function allVersions(
  own: Own,
  others: ReadonlyMap<Product, string | undefined>,
): Promise<Record<string, string>> {
  const found = [
    [own.fwDns(REFUSING).title, await versionOf(...own.fwDns(REFUSING).version!)],
    ["dnsperf", await versionOf("dnsperf", "-h")],
    ...[...others].map(([{ title }, version]) => [title, version]),
  ];
  return Object.fromEntries(found.filter(([, version]) => version !== undefined));
}

if (import.meta.main) Deno.exit(await main());
