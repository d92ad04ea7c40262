/** The real program for these measurements: under the flags that it asks for itself, its log wherever wanted. */

import { join } from "node:path";
import { fromSourceFor } from "../../tests/support/program.ts";
import { nameAt } from "./names.ts";
import { sleep } from "../sleep.ts";

/** What a firewall is to be like. */
export interface FirewallOptions {
  readonly port: number;
  /** How many names it lists. */
  readonly names: number;
  /** Its upstreams, in order, as lines of a policy: `address = "…"` and what else there is. */
  readonly upstreams: readonly string[];
  /** The rest of the policy: keys, then tables. */
  readonly keys?: string;
  readonly tables?: string;
  /** Where its output goes, in the words of a shell: a file beside the policy by default, `""` for `process.stdout`. */
  readonly output?: string;
  /** Files beside the policy, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Words before the program, of the same shell. */
  readonly prefix?: string;
}

/** How long to wait for its start and for its end, in ms: to end instead of hanging, no more. */
const PATIENCE = 30_000;

/** The policy as it is written. */
export function policyOf(options: FirewallOptions): string {
  const { port, upstreams, keys = "", tables = "" } = options;
  return `types = ["A"]
allow_files = ["names.txt"]
${keys}
[listen]
addresses = ["127.0.0.1:${port}"]
${upstreams.map((lines) => `[[upstream]]\n${lines}\n`).join("")}${tables}`;
}

/** One that serves. */
export class FaultyFirewall {
  private constructor(
    readonly folder: string,
    readonly port: number,
    readonly process: Deno.ChildProcess,
    /** Its own process: a shell may be around it. */
    readonly pid: number,
  ) {}

  /** Starts it and waits until it answers. Throws with its log where it ends before. */
  static async start(folder: string, options: FirewallOptions): Promise<FaultyFirewall> {
    const own = join(folder, `firewall-${options.port}`);
    Deno.mkdirSync(own);
    const policy = join(own, "policy.toml");
    Deno.writeTextFileSync(policy, policyOf(options));
    for (const [name, text] of Object.entries(options.files ?? {})) {
      Deno.writeTextFileSync(join(own, name), text);
    }
    const names = Array.from({ length: options.names }, (_, i) => `${nameAt(i)}\n`);
    Deno.writeTextFileSync(join(own, "names.txt"), names.join(""));
    const { command, args, env } = await fromSourceFor(policy);
    const words = [command, ...args, "run", "--policy", policy].map((word) => `'${word}'`);
    const { output = `>${own}/log 2>&1`, prefix = "" } = options;
    const script = `${prefix}\necho $$ >${own}/pid\nexec ${words.join(" ")} ${output}`;
    const child = new Deno.Command("bash", {
      args: ["-c", script],
      clearEnv: true,
      env: env ?? {},
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const pid = await untilThere(() => Number(readOr(join(own, "pid"))) || undefined);
    const firewall = new FaultyFirewall(own, options.port, child, pid);
    await untilThere(() => firewall.isListening() || undefined);
    return firewall;
  }

  get address(): Deno.NetAddr {
    return { transport: "udp", hostname: "127.0.0.1", port: this.port };
  }

  /** What it has told so far, where that went into its file. */
  get log(): string {
    return readOr(join(this.folder, "log"));
  }

  /** Its memory in MB, and how many descriptors it has open. */
  get vitals(): { readonly rss: number; readonly descriptors: number } {
    const status = readOr(`/proc/${this.pid}/status`);
    const rss = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024 / 1e6;
    return { rss, descriptors: [...Deno.readDirSync(`/proc/${this.pid}/fd`)].length };
  }

  signal(signal: Deno.Signal): void {
    Deno.kill(this.pid, signal);
  }

  /** Tells it to end; its exit code. */
  async stop(): Promise<number> {
    this.signal("SIGTERM");
    const guard = setTimeout(() => this.signal("SIGKILL"), PATIENCE);
    const { code } = await this.process.status;
    clearTimeout(guard);
    return code;
  }

  isListening(): boolean {
    const port = this.port.toString(16).toUpperCase().padStart(4, "0");
    return readOr("/proc/net/tcp").includes(` 0100007F:${port} 00000000:0000 0A `);
  }
}

async function untilThere<T>(find: () => T | undefined): Promise<T> {
  const end = Date.now() + PATIENCE;
  while (true) {
    const found = find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error("The firewall does not start");
    await sleep(10);
  }
}

function readOr(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch {
    return "";
  }
}
