/** What every workload has at hand. */

import { driveArgs, findFault, type Load, parseLoad } from "./dnsperf.ts";
import type { Drive } from "./dnsperf.ts";
import type { Heard } from "./heard.ts";
import type { Own } from "./own.ts";
import { cpuOf } from "./process.ts";
import type { Product } from "./product.ts";
import type { Room } from "./room.ts";
import { type Server, Stage } from "./stage.ts";
import type { Sample } from "./stats.ts";

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  /** How long one run of a workload takes, in s. */
  readonly seconds: number;
  readonly isQuick: boolean;
}

/** How many names the ordinary list has. */
const LISTED = 10;
const UNLISTED = 10_000;

/** Longer than any benchmark, in s. */
const LONG_TTL = 86_400;

const CLIENT = new URL("client.ts", import.meta.url).pathname;

/** A name of the list. */
export function listedName(index: number): string {
  return `n${index}.listed.example.com`;
}

/** So many names of a list. */
export function listedNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => listedName(i));
}

function unlistedName(index: number): string {
  return `u${index}.unlisted.example.net`;
}

/** A benchmark that runs. */
export class Bench {
  #ordinary: Promise<Stage> | undefined;
  readonly #files = new Map<string, Promise<string>>();

  constructor(
    readonly room: Room,
    readonly own: Own,
    /** Those that are installed. */
    readonly others: {
      readonly peers: readonly Product[];
      /** Peers that run an exported policy. */
      readonly exported: readonly Product[];
      readonly original: readonly Product[];
    },
    readonly effort: Effort,
    readonly say: (line: string) => void,
  ) {}

  /** The stage of all workloads that need nothing special: ten names, and an upstream that answers at once. */
  ordinary(): Promise<Stage> {
    return this.#ordinary ??= Stage.open(this.room, {
      names: listedNames(LISTED),
      ttl: LONG_TTL,
      delay: 0,
    });
  }

  /** A file of queries for dnsperf. */
  queries(kind: "listed" | "unlisted" | "mixed"): Promise<string> {
    const line = (index: number): string =>
      kind === "listed" || (kind === "mixed" && index % 2 === 0)
        ? listedName(index % LISTED)
        : unlistedName(index);
    const names = Array.from({ length: kind === "listed" ? LISTED : UNLISTED }, (_, i) => line(i));
    return this.writeQueries(kind, names);
  }

  /** A file with these names, all asked for an address; the same one where it is there already. */
  writeQueries(title: string, names: readonly string[]): Promise<string> {
    const write = async (): Promise<string> => {
      const file = `${await this.room.newFolder()}/${title}.txt`;
      await Deno.writeTextFile(file, names.map((name) => `${name} A\n`).join(""));
      return file;
    };
    const known = this.#files.get(title) ?? write();
    this.#files.set(title, known);
    return known;
  }

  /** Names that are on no list, in a file for the open-loop client. */
  async unlisted(): Promise<string> {
    const file = `${await this.room.newFolder()}/unlisted.txt`;
    await Deno.writeTextFile(
      file,
      Array.from({ length: UNLISTED }, (_, i) => unlistedName(i)).join("\n"),
    );
    return file;
  }

  /** Drives a server with dnsperf: its rate, and its CPU time for a query in µs. Throws where replies are wrong. */
  async load(
    { running, task, product }: Server,
    drive: Omit<Drive, "port">,
    wanted: Readonly<Record<string, number>>,
  ): Promise<{ rate: number; cpu: number }> {
    const before = await cpuOf(running.pid);
    const args = driveArgs({ ...drive, port: task.port });
    const load: Load = parseLoad(await this.room.run({ program: "dnsperf", args }));
    const cpu = (await cpuOf(running.pid) - before) / load.completed * 1e6;
    const fault = product.isEcho ? undefined : findFault(load, wanted);
    if (fault !== undefined) throw new Error(fault);
    return { rate: load.rate, cpu };
  }

  /** Drives a server at a fixed rate, whatever it says; `cpu` is its CPU time for a query in µs. */
  async openLoop(
    { running, task }: Server,
    rate: number,
    seconds: number,
    names: string,
    lead = 0,
  ): Promise<Heard & { cpu: number }> {
    const before = await cpuOf(running.pid);
    const flags = ["run", "--no-check", "--unstable-net", "--allow-net", "--allow-read", CLIENT];
    const args = [...flags, ...[task.port, rate, seconds].map(String), names, String(lead)];
    const heard: Heard = JSON.parse(await this.room.run({ program: Deno.execPath(), args }));
    return { ...heard, cpu: (await cpuOf(running.pid) - before) / (rate * (lead + seconds)) * 1e6 };
  }

  /**
   * Measures servers in turn, A B C, A B C, each round beginning with another one. What cannot be measured is left out
   * from then on.
   */
  async inTurn(
    what: string,
    stage: Stage,
    products: readonly Product[],
    rounds: number,
    measure: (product: Product) => Promise<Record<string, number>>,
  ): Promise<Sample[]> {
    const samples: Sample[] = [];
    const failed = new Set<Product>();
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < products.length; i++) {
        const product = products[(i + round) % products.length]!;
        if (failed.has(product)) continue;
        try {
          const values = await measure(product);
          samples.push({ server: product.title, round, values });
          this.say(`${what}, round ${round + 1} of ${rounds}: ${product.title} ${format(values)}`);
        } catch (error) {
          failed.add(product);
          stage.leaveOut(product, error);
          this.say(`${what}: ${product.title} is left out: ${(error as Error).message}`);
        }
      }
    }
    return samples.filter(({ server }) => ![...failed].some(({ title }) => title === server));
  }

  /** Ends what stands. */
  async close(): Promise<void> {
    await (await this.#ordinary)?.close();
  }
}

function format(values: Readonly<Record<string, number>>): string {
  return Object.entries(values).map(([key, value]) =>
    `${key} ${value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2)}`
  ).join(", ");
}
