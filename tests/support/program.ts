/** The program as a user starts it: a process of its own. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** How the program is started: `deno run` with some permissions, or a compiled file. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The environment is empty but for this. */
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/**
 * From source, with these permissions and no others (2.7 takes `--no-prompt` only once, so it is the caller's).
 * Another entry than `main.ts` can put code beside the program.
 */
export function fromSource(
  permissions: readonly string[],
  entry = join(ROOT, "main.ts"),
): Launch {
  return {
    command: Deno.execPath(),
    args: ["run", `--config=${join(ROOT, "deno.json")}`, ...permissions, entry],
    // A program that is run from source asks for updates of Deno, by way of resolv.conf.
    env: { ...pick("HOME", "DENO_DIR", "PATH"), DENO_NO_UPDATE_CHECK: "1" },
  };
}

/** From source, under exactly what `fw-dns permissions` prints for a policy. */
export async function fromSourceFor(policyFile: string, entry?: string): Promise<Launch> {
  const launch = fromSource(["--no-prompt", `--allow-read=${dirname(policyFile)}`]);
  const { code, out, err } = await runToEnd(launch, "permissions", "--policy", policyFile);
  assert.equal(code, 0, err);
  return fromSource(out.trim().split(" "), entry);
}

/** Where this Deno keeps what it has fetched. */
export async function cacheFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

function pick(...names: readonly string[]): Record<string, string> {
  const found = names.map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function start(
  { command, args, env = {}, folder }: Launch,
  more: readonly string[],
): Deno.ChildProcess {
  return new Deno.Command(command, {
    args: [...args, ...more],
    clearEnv: true,
    env,
    ...(folder === undefined ? {} : { cwd: folder }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What a finished process left. */
export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a verb to its end. */
export async function runToEnd(launch: Launch, ...args: string[]): Promise<Finished> {
  const { code, stdout, stderr } = await start(launch, args).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** The line that tells where it listens, as text or as JSON. */
const LISTENING = /(?:^Listening on |"event":"listen","address":")\[?([^\]\n"]*?)\]?:(\d+)"?}?$/m;

/** How long to wait for a line that must come, in ms: to end instead of hanging, no more. */
const PATIENCE = 60_000;

/** A program that serves. */
export class ServingProgram {
  out = "";
  err = "";
  readonly #process: Deno.ChildProcess;
  readonly #readers: Promise<void>[];
  #onText = (): void => {};

  private constructor(launch: Launch, policyFile: string) {
    this.#process = start(launch, ["run", "--policy", policyFile]);
    this.#readers = [
      this.#read(this.#process.stdout, (text) => this.out += text),
      this.#read(this.#process.stderr, (text) => this.err += text),
    ];
  }

  /** Starts it and waits until it listens. */
  static async start(launch: Launch, policyFile: string): Promise<ServingProgram> {
    const program = new ServingProgram(launch, policyFile);
    await program.waitFor(LISTENING);
    return program;
  }

  /** Where it listens. */
  get address(): Deno.NetAddr {
    const [, hostname, port] = LISTENING.exec(this.out)!;
    return { transport: "udp", hostname: hostname!, port: Number(port) };
  }

  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Waits until the log has a line, after so many characters of it; fails with all that was printed when the program
   * ends before.
   */
  async waitFor(line: RegExp, from = 0): Promise<void> {
    const ended = Promise.all(this.#readers).then(() => true);
    const guard = setTimeout(() => this.#process.kill("SIGKILL"), PATIENCE);
    try {
      while (!line.test(this.out.slice(from))) {
        const more = new Promise<false>((resolve) => this.#onText = () => resolve(false));
        if (await Promise.race([more, ended])) {
          assert.match(this.out.slice(from), line, `it ended: ${this.out}${this.err}`);
        }
      }
    } finally {
      clearTimeout(guard);
    }
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    this.#process.kill(signal);
    const { code } = await this.#process.status;
    await Promise.all(this.#readers);
    return code;
  }

  async #read(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
    for await (
      const text of stream.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>
    ) {
      add(text);
      this.#onText();
    }
  }
}

/** One query over UDP from a socket of its own, and the reply. */
export async function askOnce(server: Deno.NetAddr, packet: Uint8Array): Promise<Uint8Array> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: server.hostname, port: 0 });
  try {
    await socket.send(packet, server);
    return (await socket.receive(new Uint8Array(65535)))[0].slice();
  } finally {
    socket.close();
  }
}

/** Writes a policy into a folder of its own; `dispose` removes it. */
export function writePolicy(
  toml: string,
): { file: string; folder: string; [Symbol.dispose](): void } {
  const folder = Deno.makeTempDirSync({ prefix: "fw-dns-test-" });
  const file = join(folder, "policy.toml");
  Deno.writeTextFileSync(file, toml);
  return { file, folder, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}
