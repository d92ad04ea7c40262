/** Where a benchmark runs: its folder, its processors, its ports, and every process that it starts. */

/** How much of what a server says on standard error is kept, in characters. */
const KEPT_WORDS = 2000;

/** A command line. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** A server that runs. */
export interface Running {
  readonly pid: number;
  /** What it wrote on standard error, the end of it. */
  said(): string;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

/** The processors to use: one for the server, another for all who ask it. */
export interface Processors {
  readonly server: number;
  readonly clients: number;
}

/** Everything that has to be gone when the benchmark is over. */
export class Room {
  readonly #running = new Set<Deno.ChildProcess>();

  private constructor(readonly folder: string, readonly processors: Processors) {}

  /** Makes a folder, and moves this process to the clients' processor. */
  static async open(): Promise<Room> {
    const folder = await Deno.makeTempDir({ prefix: "fw-dns-bench-" });
    // Servers give up root, and have to read their files all the same.
    await Deno.chmod(folder, 0o755);
    const room = new Room(folder, await chooseProcessors());
    await new Deno.Command("taskset", {
      args: ["-a", "-p", "-c", `${room.processors.clients}`, `${Deno.pid}`],
      stdout: "null",
    }).output();
    return room;
  }

  /** A new folder in it, for one server. */
  async newFolder(): Promise<string> {
    const folder = await Deno.makeTempDir({ dir: this.folder });
    await Deno.chmod(folder, 0o755);
    return folder;
  }

  /** Starts a server on its processor, or, for `clients`, what speaks to it on the other one. */
  start(command: Command, where: keyof Processors = "server"): Running {
    const child = this.#spawn(command, where, "null");
    let said = "";
    let hasEnded = false;
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const bytes of child.stderr) {
        said = (said + decoder.decode(bytes, { stream: true })).slice(-KEPT_WORDS);
      }
    };
    const ended = Promise.all([read(), child.status.then(() => hasEnded = true)]);
    return {
      pid: child.pid,
      said: () => said,
      hasEnded: () => hasEnded,
      stop: async () => {
        kill(child);
        await ended;
      },
    };
  }

  /** Runs a program on the clients' processor to its end, and returns what it printed. Throws where it fails. */
  async run(command: Command): Promise<string> {
    const child = this.#spawn(command, "clients", "piped");
    const { success, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`${command.program}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  }

  /** Ends every process, and removes the folder. In one go, so that it also works on Ctrl-C. */
  close(): void {
    for (const child of this.#running) kill(child);
    try {
      Deno.removeSync(this.folder, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #spawn({ program, args }: Command, where: keyof Processors, out: "null" | "piped") {
    const child = new Deno.Command("taskset", {
      args: ["-c", `${this.processors[where]}`, program, ...args],
      // Deno looks for updates, unless told not to.
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "null",
      stdout: out,
      stderr: "piped",
    }).spawn();
    this.#running.add(child);
    void child.status.then(() => this.#running.delete(child));
    return child;
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

async function chooseProcessors(): Promise<Processors> {
  const status = await Deno.readTextFile("/proc/self/status");
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)![1]!;
  const all = list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (all.length < 2) {
    throw new Error("This needs two processors: one for the server, one for who asks");
  }
  return { server: all[0]!, clients: all[1]! };
}

/** A port on 127.0.0.1 that is free over UDP and TCP. */
export function findPort(): number {
  while (true) {
    const udp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const { port } = udp.addr as Deno.NetAddr;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch {
      // Taken over TCP: another one.
    } finally {
      udp.close();
    }
  }
}
