/** What is measured: each product with the usual recipe for "only this zone, through this upstream". */

import { fromSourceFor, ServingProgram, writePolicy } from "../../tests/support/program.ts";
import { nameOf } from "./plant.ts";
import { PRODUCT } from "./clients.ts";
import { exportProducts } from "./exports.ts";
import { UPSTREAM } from "./upstream.ts";

/** A product that can be started in a namespace of its own. */
export interface Product {
  readonly title: string;
  /** What must be in the path; undefined: nothing but Deno. */
  readonly program?: string;
  /** The words of a command that prints the version. */
  readonly version?: readonly [string, ...string[]];
  /** The configuration, as the document shows it. */
  readonly recipe: string;
  /** Clients cause nothing: what is asked upstream is asked anyway. */
  readonly isHermetic?: boolean;
  /** It runs what `fw-dns export` writes. */
  readonly isExport?: boolean;
  /** Of an export: the title of the same server with its usual recipe. */
  readonly plain?: string;
  /** It draws the ports of TCP connections by itself. */
  readonly drawsTcpPorts?: boolean;
  /** Starts it; `folder` is for its files, `names` is how many names the policy lists. Returns what ends it. */
  start(folder: string, names: number): Promise<() => Promise<unknown>>;
}

/** How long an answer lives in hermetic mode, in ms: all channels are tried within it. */
export const HERMETIC_FLOOR = 100_000;

const LISTEN = `${PRODUCT.hostname}:${PRODUCT.port}`;
const TO = UPSTREAM.hostname;

function policyOf(mode: string, allow: string): string {
  return `mode = "${mode}"
types = ["A"]
allow = ${allow}
[listen]
addresses = ["${LISTEN}"]
[[upstream]]
address = "${TO}:${UPSTREAM.port}"
[log]
queries = "none"
${mode === "hermetic" ? `[cache]\nmin_ttl = "${HERMETIC_FLOOR}ms"\n[hermetic]\nrate = 100\n` : ""}`;
}

/** A policy that lists so many names. */
function policyWith(mode: "forward" | "hermetic", names: number): string {
  const all = Array.from({ length: names }, (_, i) => nameOf(i));
  return policyOf(mode, JSON.stringify(all));
}

function fwDns(mode: "forward" | "hermetic"): Product {
  const isHermetic = mode === "hermetic";
  return {
    title: `fw-dns (${mode})`,
    recipe: policyOf(mode, `["${nameOf(0)}", "${nameOf(1)}", …]`),
    isHermetic,
    drawsTcpPorts: !isHermetic,
    start: async (_, names) => {
      const { file } = writePolicy(policyWith(mode, names));
      const launch = await fromSourceFor(file);
      const program = await ServingProgram.start(launch, file);
      await program.waitFor(isHermetic ? /^Ready: /m : /^Connected to/m);
      return () => program.stop("SIGKILL");
    },
  };
}

/** A product that is one file of configuration and one command; `args` are told where the file is. */
function peer(
  title: string,
  program: string,
  recipe: string,
  args: (file: string, folder: string) => string[],
  version = ["--version"],
): Product {
  return {
    title,
    program,
    version: [program, ...version],
    recipe,
    start: async (folder) => {
      // The recursor looks for its file in a folder, by this name.
      const file = `${folder}/recursor.conf`;
      await Deno.writeTextFile(file, recipe);
      return spawn(program, ...args(file, folder));
    },
  };
}

function spawn(program: string, ...args: string[]): () => Promise<unknown> {
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  return async () => {
    child.kill("SIGKILL");
    await child.status;
  };
}

const UNBOUND = `server:
  interface: 127.0.0.1@5300
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  local-zone: "." refuse
  local-zone: "example.com." transparent
forward-zone:
  name: "example.com."
  forward-addr: ${TO}
`;

const DNSMASQ = `no-resolv
no-hosts
user=root
port=5300
listen-address=127.0.0.1
bind-interfaces
server=/example.com/${TO}
`;

const DNSDIST = `setLocal("${LISTEN}")
setSecurityPollSuffix("")
newServer({address="${TO}:53"})
allowed = newSuffixMatchNode()
allowed:add("example.com.")
addAction(NotRule(SuffixMatchNodeRule(allowed)), DropAction())
`;

const RECURSOR = `local-address=127.0.0.1
local-port=5300
forward-zones-recurse=example.com=${TO}
dont-query=
security-poll-suffix=
`;

const KRESD = `net.listen('127.0.0.1', 5300, { kind = 'dns' })
trust_anchors.remove('.')
policy.add(policy.suffix(policy.FORWARD('${TO}'), policy.todnames({'example.com'})))
policy.add(policy.all(policy.DENY))
`;

const NAIVE: Product = {
  title: "a naive forwarder (the control)",
  recipe: "It copies the message of a client on, where a name under example.com is in it.\n",
  start: () => {
    const script = new URL("naive.ts", import.meta.url).pathname;
    const stop = spawn(Deno.execPath(), "run", "--no-check", "--unstable-net", "-A", script);
    return Promise.resolve(stop);
  },
};

/** All of them, in the order of the document. */
export const PRODUCTS: readonly Product[] = [
  fwDns("forward"),
  fwDns("hermetic"),
  peer("Unbound", "unbound", UNBOUND, (file) => ["-d", "-c", file], ["-V"]),
  peer("dnsmasq", "dnsmasq", DNSMASQ, (file) => ["--keep-in-foreground", `--conf-file=${file}`]),
  peer("dnsdist", "dnsdist", DNSDIST, (file) => ["--supervised", "--config", file]),
  peer("PowerDNS Recursor", "pdns_recursor", RECURSOR, (_, folder) => [
    `--config-dir=${folder}`,
    `--socket-dir=${folder}`,
    "--daemon=no",
  ]),
  peer("Knot Resolver", "kresd", KRESD, (file, folder) => ["-n", "-q", "-c", file, folder]),
  NAIVE,
  ...exportProducts((names) => policyWith("forward", names)),
];
