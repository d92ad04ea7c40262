/**
 * One run, in namespaces of its own: `scripts/stubs.ts` starts this by `unshare` with a case, a stub and the path of
 * the musl program. It makes the network and the /etc that the case wants, starts the upstream and fw-dns, asks once,
 * and prints what came of it as JSON. All that it mounts and starts ends with its namespaces: the host keeps its own
 * /etc and /run.
 */

import { fileURLToPath } from "node:url";
import { type Case, CASES, policyOf, UPSTREAM } from "./cases.ts";
import { replyTo } from "./packets.ts";
import { RESOLVED, type Stub, STUBS } from "./resolvers.ts";
import { sleep } from "../sleep.ts";

/** What one run came to. */
export interface Measurement {
  readonly result: string;
  readonly ms: number;
  /** How many questions for the name reached fw-dns. */
  readonly questions: number;
  /** The longest that fw-dns took for a reply, in ms by its own log; missing where it sent none. */
  readonly slowestReply?: number;
}

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const ETC = "/run/etc";
const POLICY = "/run/policy.toml";

/** How long to wait for a server to be there, in ms: to end instead of hanging, no more. */
const PATIENCE = 30_000;

async function main([caseIndex, stubIndex, musl]: readonly string[]): Promise<void> {
  const one = CASES[Number(caseIndex)]!;
  const stub = STUBS[Number(stubIndex)]!;
  await furnish(one, stub);
  const upstream = Deno.listenDatagram({ transport: "udp", ...UPSTREAM });
  if (one.upstream === "answers") serveUpstream(upstream);
  const firewall = new Firewall();
  await firewall.ready();
  if (stub.needsResolved) await startResolved();
  const { result, ms } = await stub.ask(one.name, musl!);
  const measurement: Measurement = { result, ms, ...await firewall.stop(one.name) };
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(measurement)));
  // systemd-resolved is still there: it ends with this process, which is the first of its PID namespace.
  Deno.exit(0);
}

/** A host with both address families and an uplink, since stubs ask less where they see neither. */
async function furnish(one: Case, { nameserver }: Stub): Promise<void> {
  const { options } = one;
  await run("mount -t tmpfs tmpfs /run");
  await Deno.mkdir(`${ETC}/systemd`, { recursive: true });
  await run("cp /etc/passwd /etc/group /etc/ld.so.cache", ETC);
  const files = {
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "resolv.conf": `nameserver ${nameserver}\n${options ? `options ${options}\n` : ""}`,
    "systemd/resolved.conf":
      "[Resolve]\nDNS=127.0.0.1\nFallbackDNS=\nLLMNR=no\nMulticastDNS=no\nDNSSEC=no\n",
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${ETC}/${name}`, text);
  }
  await Deno.writeTextFile(POLICY, policyOf(one));
  await run("mount --bind", ETC, "/etc");
  await run("hostname stub");
  await run("ip link set lo up");
  await run("ip link add up0 type veth peer name up1");
  await run("ip link set up0 up");
  await run("ip link set up1 up");
  await run("ip address add 192.0.2.10/24 dev up0");
  await run("ip address add 2001:db8::10/64 dev up0 nodad");
}

async function run(words: string, ...more: string[]): Promise<void> {
  const [command, ...args] = words.split(" ");
  const { success, stderr } = await new Deno.Command(command!, { args: [...args, ...more] })
    .output();
  if (!success) {
    throw new Error(`${words} ${more.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

async function serveUpstream(socket: Deno.DatagramConn): Promise<void> {
  for await (const [query, from] of socket) await socket.send(replyTo(query), from);
}

/** Starts systemd-resolved as its unit would, but without D-Bus, and waits for its socket. */
async function startResolved(): Promise<void> {
  await Deno.mkdir(RESOLVED.folder, { recursive: true });
  await run("chown systemd-resolve:systemd-resolve", RESOLVED.folder);
  new Deno.Command(RESOLVED.program, { stdin: "null", stdout: "null", stderr: "null" }).spawn();
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    if (await Deno.stat(RESOLVED.socket).then(() => true, () => false)) return;
    await sleep(20);
  }
  throw new Error(`${RESOLVED.program} did not open ${RESOLVED.socket}`);
}

/** A line of fw-dns's log, as far as it matters here. */
interface LogLine {
  readonly event: string;
  readonly name?: string;
  readonly rcode?: string;
  readonly ms?: number;
}

/** fw-dns as a user starts it, and its log. */
class Firewall {
  #log = "";
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #onText = (): void => {};

  constructor() {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-net", "--allow-read", MAIN, "run", "--policy", POLICY],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stdout) {
      this.#log += decoder.decode(bytes, { stream: true });
      this.#onText();
    }
  }

  /** Waits until it listens. */
  async ready(): Promise<void> {
    const ended = this.#reading.then(() => {
      throw new Error(`fw-dns did not start: ${this.#log}`);
    });
    ended.catch(() => {});
    while (!this.#log.includes('"event":"listen"')) {
      await Promise.race([ended, new Promise<void>((resolve) => this.#onText = resolve)]);
    }
  }

  /** Ends it, and tells what its log says of a name. */
  async stop(name: string): Promise<Omit<Measurement, "result" | "ms">> {
    this.#process.kill("SIGTERM");
    await this.#reading;
    const lines = this.#log.trim().split("\n").map((line) => JSON.parse(line) as LogLine);
    const questions = lines.filter((line) => line.event === "query" && line.name === name);
    const times = questions.filter(({ rcode }) => rcode !== undefined).map(({ ms }) => ms ?? 0);
    return {
      questions: questions.length,
      ...(times.length > 0 ? { slowestReply: Math.max(...times) } : {}),
    };
  }
}

if (import.meta.main) await main(Deno.args);
