/** The upstreams of the soak, and what goes wrong with them. */

import { tlsLines, unboundServer } from "../../tests/support/unbound.ts";
import { CERTIFICATES } from "../bench/tls.ts";
import { type Fault, isHarmless, type Party } from "./faults.ts";
import { CA_FILE, WAYS } from "./policies.ts";
import { freePort } from "./ports.ts";
import { LineProcess } from "./process.ts";
import type { Seen } from "./seen.ts";
import { Spans } from "./spans.ts";

/** How long after a fault an upstream may still make up for it, in ms: what has waited comes first. */
const RECOVERY = 2000;

/** What Unbound asks. */
const ORIGIN = "127.0.1.9";

const SCRIPTED = WAYS.find(({ party }) => party === "scripted")!.hostname;
const UNBOUND = WAYS.filter(({ party }) => party === "unbound");

/** A scripted upstream, and an Unbound with a scripted one behind it. */
export class Upstreams {
  readonly ports: Readonly<Record<Party | "tls", number>>;
  /** When each of them could not be relied on. */
  readonly ill = { scripted: new Spans(), unbound: new Spans() };
  /** How often each kind of fault was there. */
  readonly counts = new Map<string, number>();
  readonly #processes: Readonly<Record<Party | "origin", LineProcess>>;
  readonly #cancels = new Set<() => void>();

  /** `start` is when the soak began, in ms since 1970. */
  constructor(folder: string, readonly start: number, onSeen: (seen: Seen) => void) {
    const origin = freePort(ORIGIN);
    const tls = UNBOUND.find(({ transport }) => transport === "tls")!.hostname;
    this.ports = {
      scripted: freePort(SCRIPTED),
      unbound: freePort(UNBOUND[0]!.hostname),
      tls: freePort(tls),
    };
    Deno.copyFileSync(`${CERTIFICATES}/ca.pem`, `${folder}/${CA_FILE}`);
    const scripted = (hostname: string, port: number, number: number) =>
      new LineProcess(
        [
          Deno.execPath(),
          ...["run", "--no-check", "--no-prompt", "--unstable-net", "--allow-net"],
          new URL("upstream.ts", import.meta.url).pathname,
          ...[hostname, `${port}`, `${number}`, `${start}`],
        ],
        (line) => line === "ready",
        (line) => onSeen(JSON.parse(line)),
      );
    const configuration = `${folder}/unbound.conf`;
    Deno.writeTextFileSync(configuration, configureUnbound(folder, this.ports, origin));
    this.#processes = {
      scripted: scripted(SCRIPTED, this.ports.scripted, 0),
      origin: scripted(ORIGIN, origin, 1),
      unbound: new LineProcess(
        ["unbound", "-d", "-c", configuration],
        (line) => line.includes("start of service"),
      ),
    };
  }

  /** Starts them all. Throws where one does not start. */
  async open(): Promise<void> {
    await Promise.all(Object.values(this.#processes).map((one) => one.start()));
  }

  /** Sees to it that a fault comes to pass, at its time. */
  plan(fault: Fault): void {
    this.#at(fault.from, () => this.#begin(fault));
    this.#at(fault.until, () => this.#end(fault));
  }

  /** Ends them all at once. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    for (const one of Object.values(this.#processes)) one.killNow();
  }

  async #begin({ party, kind }: Fault): Promise<void> {
    const one = this.#processes[party];
    this.counts.set(`${party} ${kind}`, (this.counts.get(`${party} ${kind}`) ?? 0) + 1);
    if (!isHarmless(kind)) this.ill[party].begin(this.#now);
    if (kind === "restart") await one.kill();
    else if (kind === "suspension") one.signal("SIGSTOP");
    else await one.tell(kind);
  }

  async #end({ party, kind }: Fault): Promise<void> {
    const one = this.#processes[party];
    if (kind === "restart") await one.start();
    else if (kind === "suspension") one.signal("SIGCONT");
    else await one.tell("well");
    if (!isHarmless(kind)) this.ill[party].end(this.#now + RECOVERY);
  }

  get #now(): number {
    return Date.now() - this.start;
  }

  #at(time: number, callback: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#cancels.delete(cancel);
      void callback();
    }, time - this.#now);
    const cancel = (): void => clearTimeout(timer);
    this.#cancels.add(cancel);
  }
}

function configureUnbound(
  folder: string,
  ports: Readonly<Record<Party | "tls", number>>,
  origin: number,
): string {
  const interfaces = UNBOUND.map(({ hostname, transport }) =>
    `  interface: ${hostname}@${transport === "tls" ? ports.tls : ports.unbound}\n`
  );
  const certificate = { cert: `${CERTIFICATES}/good.pem`, key: `${CERTIFICATES}/good.key` };
  return `${unboundServer(folder)}  verbosity: 1
${tlsLines(ports.tls, certificate)}${interfaces.join("")}  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  num-threads: 1
  incoming-num-tcp: 256
  outgoing-num-tcp: 64
  infra-keep-probing: yes
forward-zone:
  name: "."
  forward-addr: ${ORIGIN}@${origin}
`;
}
