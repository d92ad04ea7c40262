/** Servers with the same list of names and the same upstream. */

import { askUntilAnswered } from "./ask.ts";
import type { Product, Task } from "./product.ts";
import { type Command, findPort, type Room, type Running } from "./room.ts";
import { CERTIFICATES } from "./tls.ts";

/** How long a server may take to answer at first, in ms: to end instead of hanging, no more. */
const PATIENCE = 90_000;

const UPSTREAM = new URL("upstream.ts", import.meta.url).pathname;

/** A server whose files are written. */
export interface Prepared {
  readonly product: Product;
  readonly task: Task;
  readonly command: Command;
}

/** A server that has answered. */
export interface Server extends Prepared {
  readonly running: Running;
  /** From its start to its first answer, in ms. */
  readonly startUp: number;
}

/** A server that is not in the tables, and why. */
export interface Absence {
  readonly server: string;
  readonly why: string;
}

/** What all servers of a stage have. */
export interface Setting {
  readonly names: readonly string[];
  /** Of the upstream: the TTL of what it says, in s, and how long it takes to say it, in ms. */
  readonly ttl: number;
  readonly delay: number;
}

/** A stage with its upstream. */
export class Stage {
  readonly absences: Absence[] = [];
  readonly #prepared = new Map<string, Promise<Prepared>>();
  readonly #standing = new Map<string, Promise<Server>>();
  readonly #running = new Set<Running>();

  private constructor(
    readonly room: Room,
    readonly setting: Setting,
    readonly upstream: number,
    readonly namesFile: string,
  ) {}

  /** Starts the upstream. */
  static async open(room: Room, setting: Setting): Promise<Stage> {
    const upstream = findPort();
    const namesFile = `${await room.newFolder()}/names.txt`;
    await Deno.writeTextFile(namesFile, setting.names.join("\n") + "\n");
    const stage = new Stage(room, setting, upstream, namesFile);
    const args = ["run", "--no-check", "--unstable-net", "--allow-net"];
    const more = [
      `--allow-read=${CERTIFICATES}`,
      UPSTREAM,
      ...[upstream, setting.ttl, setting.delay].map(String),
    ];
    const start = performance.now();
    const running = room.start({ program: Deno.execPath(), args: [...args, ...more] }, "clients");
    stage.#running.add(running);
    await stage.#waitFor(running, upstream, start);
    return stage;
  }

  /** Servers that are up, started where they were not, without those that cannot be. */
  async standing(products: readonly Product[]): Promise<Server[]> {
    const servers: Server[] = [];
    for (const product of products) {
      const known = this.#standing.get(product.title) ?? this.start(product);
      this.#standing.set(product.title, known);
      const server = await this.#orAbsent(product, known);
      if (server !== undefined) servers.push(server);
    }
    return servers;
  }

  /** Those whose files can be written; for fw-dns that means compiled. */
  async prepared(products: readonly Product[]): Promise<Product[]> {
    const good: Product[] = [];
    for (const product of products) {
      if (await this.#orAbsent(product, this.#prepare(product))) good.push(product);
    }
    return good;
  }

  /** Starts one, and waits for its first answer. Throws where none comes. */
  async start(product: Product): Promise<Server> {
    const prepared = await this.#prepare(product);
    const start = performance.now();
    const running = this.room.start(prepared.command);
    this.#running.add(running);
    const startUp = await this.#waitFor(running, prepared.task.port, start);
    return { ...prepared, running, startUp };
  }

  /** Ends one. */
  async stop({ running }: Server): Promise<void> {
    this.#running.delete(running);
    await running.stop();
  }

  /** Ends those that stand, so that their ports are free. */
  async clear(): Promise<void> {
    const servers = await Promise.all(
      [...this.#standing.values()].map((one) => one.catch(() => undefined)),
    );
    this.#standing.clear();
    for (const server of servers) if (server !== undefined) await this.stop(server);
  }

  /** Ends them all, and the upstream. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((one) => one.stop()));
  }

  /** Notes that one has to be left out. */
  leaveOut({ title }: Product, error: unknown): void {
    // Programs say most of it last.
    const last = (error as Error).message.trim().split("\n").at(-1)!.trim();
    const why = last.replaceAll(/\/\S*fw-dns-bench-[^/]*\/([^/\s]*\/)?/g, "");
    if (!this.absences.some(({ server }) => server === title)) {
      this.absences.push({ server: title, why });
    }
  }

  #prepare(product: Product): Promise<Prepared> {
    const known = this.#prepared.get(product.title) ?? this.#write(product);
    this.#prepared.set(product.title, known);
    return known;
  }

  async #write(product: Product): Promise<Prepared> {
    const task: Task = {
      folder: await this.room.newFolder(),
      port: findPort(),
      upstream: this.upstream,
      names: this.setting.names,
      namesFile: this.namesFile,
    };
    return { product, task, command: await product.prepare(task) };
  }

  async #orAbsent<T>(product: Product, made: Promise<T>): Promise<T | undefined> {
    try {
      return await made;
    } catch (error) {
      this.leaveOut(product, error);
      return undefined;
    }
  }

  async #waitFor(running: Running, port: number, start: number): Promise<number> {
    const end = start + PATIENCE;
    const isOver = (): boolean => running.hasEnded() || performance.now() > end;
    if (await askUntilAnswered(port, this.setting.names[0]!, isOver)) {
      return performance.now() - start;
    }
    await running.stop();
    const said = running.said().trim();
    throw new Error(running.hasEnded() && said !== "" ? said : `no answer in ${PATIENCE / 1000} s`);
  }
}
