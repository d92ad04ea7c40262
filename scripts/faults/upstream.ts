/** A real Unbound as upstream, in a network namespace of its own, over a link with weather. */

import { join } from "node:path";
import type { Certificate } from "../../tests/support/certificates.ts";
import { tlsLines, unboundServer } from "../../tests/support/unbound.ts";
import { zoneFile } from "./names.ts";
import { Link, Place } from "./place.ts";
import { sleep } from "../sleep.ts";

/** What an upstream is to be like. */
export interface UpstreamOptions {
  /** The number of its link, 0 to 127. */
  readonly number: number;
  readonly seed: number;
  /** How many names it has, and their TTL in s. */
  readonly names: number;
  readonly ttl: number;
  /** Whether it notes what it is asked for. */
  readonly isLogging?: boolean;
  /** What it shows over TLS, on port 853; not there where nothing is named. */
  readonly certificate?: Certificate;
}

/** How long to wait for its start, in ms: to end instead of hanging, no more. */
const PATIENCE = 20_000;

function configuration(folder: string, address: string, options: UpstreamOptions): string {
  const { isLogging, certificate } = options;
  const tls = certificate === undefined ? "" : `  interface: ${address}@853\n` +
    tlsLines(853, { cert: `${folder}/tls.crt`, key: `${folder}/tls.key` });
  return `${unboundServer(folder)}  interface: ${address}@53
${tls}  access-control: 0.0.0.0/0 allow
  log-queries: ${isLogging ? "yes" : "no"}
  verbosity: 1
  num-threads: 1
  incoming-num-tcp: 1000
  local-zone: "." refuse
  local-zone: "many.example." transparent
auth-zone:
  name: "many.example."
  zonefile: "${folder}/zone"
  for-downstream: yes
  for-upstream: no
`;
}

/** An Unbound that can be stopped, killed and started again. */
export class Upstream {
  #process: Deno.ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    readonly place: Place,
    readonly link: Link,
  ) {}

  /** Lays the link and starts it. */
  static async start(folder: string, options: UpstreamOptions): Promise<Upstream> {
    const place = await Place.open();
    const own = join(folder, `upstream-${options.number}`);
    Deno.mkdirSync(own);
    const link = await Link.lay(options.number, place, options.seed);
    Deno.writeTextFileSync(join(own, "zone"), zoneFile(options.names, options.ttl));
    Deno.writeTextFileSync(join(own, "unbound.conf"), configuration(own, link.address, options));
    const upstream = new Upstream(own, place, link);
    if (options.certificate !== undefined) upstream.show(options.certificate);
    await upstream.restart();
    return upstream;
  }

  /** Its IP address. */
  get address(): string {
    return this.link.address;
  }

  /** From its next start on it shows this certificate. */
  show({ cert, key }: Certificate): void {
    Deno.copyFileSync(cert, join(this.folder, "tls.crt"));
    Deno.copyFileSync(key, join(this.folder, "tls.key"));
  }

  /** Starts it where it has been killed, and waits until it is ready. */
  async restart(): Promise<void> {
    const log = join(this.folder, "log");
    const before = readOr(log).length;
    const [program, args] = this.place.words(
      ...["sh", "-c", `exec unbound -d -c ${this.folder}/unbound.conf 2>>${log}`],
    );
    this.#process = new Deno.Command(program, { args, stdout: "null" }).spawn();
    const end = Date.now() + PATIENCE;
    while (!readOr(log).slice(before).includes("start of service")) {
      await sleep(10);
      if (Date.now() > end) throw new Error(`Unbound does not start: ${readOr(log)}`);
    }
  }

  /** `SIGSTOP` makes it silent, `SIGCONT` wakes it up. */
  signal(signal: Deno.Signal): void {
    this.#process!.kill(signal);
  }

  /** Ends it in the middle of whatever it does. Its port is closed then. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#process!.status;
  }

  /** The names that it was asked for, in small letters, where it notes them; without probes for the root. */
  get names(): Set<string> {
    const found = readOr(join(this.folder, "log")).matchAll(/info: \S+ (\S+)\. \S+ IN$/gm);
    return new Set([...found].map(([, name]) => name!.toLowerCase()).filter((name) => name !== ""));
  }
}

function readOr(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch {
    return "";
  }
}
