/** Who forwards over a bad link: fw-dns, and others for comparison, each with as little else as can be. */

import { join } from "node:path";
import { unboundServer } from "../../tests/support/unbound.ts";
import { FaultyFirewall } from "./firewall.ts";
import { ZONE } from "./names.ts";
import { type Transport, upstreamLines } from "./transport.ts";
import { sleep } from "../sleep.ts";

/** A forwarder to be measured. */
export interface Forwarder {
  readonly title: string;
  /** The words of a command that prints its version; missing where it is this program's own. */
  readonly version?: readonly [string, ...string[]];
  /** Starts it on a port; `upstreams` are IP addresses, in order. Resolves with what ends it. */
  start(at: Start): Promise<() => Promise<void>>;
}

/** Where one is started. */
export interface Start {
  readonly folder: string;
  readonly port: number;
  readonly upstreams: readonly string[];
  /** How many names it lists. */
  readonly names: number;
  /** The file with the roots that upstreams over TLS are checked with. */
  readonly ca: string;
}

/** How fw-dns is to be. */
interface Variant {
  readonly transport: Transport;
  /** Of how many upstreams. */
  readonly upstreams?: number;
  readonly mode?: "forward" | "hermetic";
  readonly tables?: string;
}

function fwDns(title: string, variant: Variant): Forwarder {
  const { transport, mode = "forward", upstreams: count = 1, tables = "" } = variant;
  return {
    title,
    start: async ({ folder, port, upstreams, names, ca }) => {
      const firewall = await FaultyFirewall.start(folder, {
        port,
        names,
        upstreams: upstreams.slice(0, count).map((one) => upstreamLines(one, transport)),
        files: { "ca.pem": Deno.readTextFileSync(ca) },
        keys: `mode = "${mode}"`,
        tables: `${tables}[log]\nqueries = "none"\n`,
      });
      return async () => void await firewall.stop();
    },
  };
}

function peer(
  title: string,
  version: readonly [string, ...string[]],
  file: string,
  config: (at: Start) => string,
  args: (path: string) => string[],
): Forwarder {
  return {
    title,
    version,
    start: async (at) => {
      const own = join(at.folder, `peer-${at.port}`);
      Deno.mkdirSync(own);
      Deno.writeTextFileSync(join(own, file), config({ ...at, folder: own }));
      const process = new Deno.Command(version[0], {
        args: args(join(own, file)),
        stdout: "null",
        stderr: "null",
      }).spawn();
      // There is no name to ask it for that would not be in its cache afterwards.
      await sleep(1000);
      return async () => {
        process.kill("SIGKILL");
        await process.status;
      };
    },
  };
}

const DNSMASQ = peer(
  "dnsmasq",
  ["dnsmasq", "--version"],
  "dnsmasq.conf",
  ({ port, upstreams }) =>
    `no-resolv
no-hosts
user=root
pid-file=
port=${port}
listen-address=127.0.0.1
bind-interfaces
cache-size=10000
dns-forward-max=1000
log-facility=/dev/null
server=/${ZONE}/${upstreams[0]}
`,
  (path) => ["--keep-in-foreground", `--conf-file=${path}`],
);

function unbound(title: string, more: string, count: number): Forwarder {
  return peer(
    title,
    ["unbound", "-V"],
    "unbound.conf",
    ({ folder, port, upstreams }) =>
      `${unboundServer(folder)}  interface: 127.0.0.1@${port}
  access-control: 127.0.0.0/8 allow
  num-threads: 1
${more}  local-zone: "." refuse
  local-zone: "${ZONE}." transparent
forward-zone:
  name: "${ZONE}"
${upstreams.slice(0, count).map((address) => `  forward-addr: ${address}@53\n`).join("")}`,
    (path) => ["-d", "-c", path],
  );
}

/** Those that are asked for each name once; each list side by side, one after the other over the same link. */
export const ONCE: readonly (readonly Forwarder[])[] = [[
  fwDns("fw-dns, UDP", { transport: "udp" }),
  fwDns("fw-dns, TCP", { transport: "tcp" }),
  fwDns("fw-dns, TLS", { transport: "tls" }),
  fwDns("fw-dns, UDP, a second upstream that is well", { transport: "udp", upstreams: 2 }),
  fwDns("fw-dns, TCP, a second upstream that is well", { transport: "tcp", upstreams: 2 }),
], [
  DNSMASQ,
  unbound("Unbound, UDP", "", 1),
  unbound("Unbound, TCP", "  tcp-upstream: yes\n", 1),
  unbound("Unbound, UDP, a second upstream that is well", "", 2),
]];

/** Kept as short as the policy allows, so that answers grow old all the time. */
const SHORT_LIFE = '[cache]\nmin_ttl = "1s"\nmax_ttl = "2s"\n';

/** Those that are asked for a few names again and again, which they had before the link went bad. */
export const AGAIN: readonly (readonly Forwarder[])[] = [[
  fwDns("fw-dns, forward, stale", { transport: "udp", tables: SHORT_LIFE }),
  fwDns("fw-dns, hermetic", {
    transport: "udp",
    mode: "hermetic",
    tables: `[cache]\nmin_ttl = "1s"\nmax_ttl = "10s"\n[hermetic]\nrate = 100\n`,
  }),
  unbound(
    "Unbound, serve-expired",
    "  cache-max-ttl: 2\n  serve-expired: yes\n  serve-expired-client-timeout: 1800\n",
    1,
  ),
]];
