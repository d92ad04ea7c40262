/**
 * Runs in namespaces of its own, as root: faults, one after the other. Takes the name of a part, prints what each fault
 * did as JSON: a list of {@linkcode Outcome}.
 */

import { makeCertificates } from "../../tests/support/certificates.ts";
import { print } from "../print.ts";
import { Asker } from "./asker.ts";
import { barrier } from "./barrier.ts";
import { FaultyFirewall, type FirewallOptions } from "./firewall.ts";
import { HOST_FAULTS } from "./host_faults.ts";
import { must } from "../must.ts";
import { type Fault, type Stage, suffer, type Suffered } from "./suffer.ts";
import { type Transport, upstreamLines } from "./transport.ts";
import { certificateFaults, UPSTREAM_FAULTS, WEATHERS } from "./upstream_faults.ts";
import { Upstream } from "./upstream.ts";

/** What a fault did to a firewall of one kind. */
export interface Outcome extends Suffered {
  /** The transport of its upstream. */
  readonly transport: Transport;
  /** The exit code when it was told to end; missing where it went on to the next fault. */
  readonly code?: number;
}

/** The parts; each is a room of its own. */
export type Part = "weather" | "upstream" | "tls" | "host" | "log";

const NAMES = 6000;

/** Short, so that what is known has to be asked for again in the middle of it all; in s. */
const TTL = 2;

const SEED = 20_261_129;

/** What an upstream over TLS shows. */
const certificates = await makeCertificates();

/** A firewall for one part, and its client. */
async function setStage(
  folder: string,
  upstream: Upstream,
  port: number,
  transport: Transport,
  more: Partial<FirewallOptions> = {},
): Promise<Stage> {
  const firewall = await FaultyFirewall.start(folder, {
    port,
    names: NAMES,
    upstreams: [upstreamLines(upstream.address, transport)],
    tables: '[cache]\nmin_ttl = "1s"\n',
    files: { "ca.pem": Deno.readTextFileSync(certificates.ca) },
    ...more,
  });
  return { upstream, firewall, asker: new Asker(firewall.address), listed: NAMES, used: 0 };
}

async function leave({ asker, firewall }: Stage): Promise<number> {
  asker.close();
  return await firewall.stop();
}

/** All faults of a list, to several firewalls at a time that differ in how they ask. */
async function sufferAll(
  folder: string,
  upstream: Upstream,
  faults: readonly Fault[],
  transports: readonly Transport[] = ["udp", "tcp", "tls"],
): Promise<Outcome[]> {
  const stages = await Promise.all(
    transports.map((one, i) => setStage(folder, upstream, 5301 + i, one)),
  );
  const outcomes: Outcome[] = [];
  for (const fault of faults) {
    const [shared, ready] = [share(fault), barrier(stages.length)];
    const all = await Promise.all(stages.map((stage) => suffer(stage, shared, ready)));
    outcomes.push(...all.map((one, i) => ({ ...one, transport: transports[i]! })));
  }
  const codes = await Promise.all(stages.map(leave));
  return outcomes.map((one) => ({ ...one, code: codes[transports.indexOf(one.transport)]! }));
}

/** A fault that several suffer at the same time: whoever comes first brings it about, and ends it. */
function share(fault: Fault): Fault {
  let begun: Promise<() => Promise<void>> | undefined;
  let ended: Promise<void> | undefined;
  return {
    ...fault,
    begin: async (stage) => {
      const end = await (begun ??= fault.begin(stage));
      return () => ended ??= end();
    },
  };
}

/** One fault to a firewall of its own, which is told to end afterwards. */
async function sufferOne(
  folder: string,
  upstream: Upstream,
  [fault, more]: readonly [Fault, Partial<FirewallOptions>?],
  port: number,
): Promise<Outcome> {
  const stage = await setStage(folder, upstream, port, "udp", more);
  const suffered = await suffer(stage, fault);
  return { ...suffered, transport: "udp", code: await leave(stage) };
}

/** The pool of sockets, what the runtime has open itself, and not much more. */
const FEW_DESCRIPTORS = 300;

function diskFor(folder: string, port: number): Partial<FirewallOptions> {
  const own = `${folder}/firewall-${port}`;
  return {
    prefix: `mkdir ${own}/disk; mount -t tmpfs -o size=64k none ${own}/disk
ln -s disk/log ${own}/log`,
    output: `>${own}/disk/log 2>&1`,
    tables: '[cache]\nmin_ttl = "1s"\n[log]\nqueries = "all"\n',
  };
}

/** As many bytes as a pipe holds. */
const PIPE_BYTES = 65_536;

async function play(part: Part, folder: string): Promise<Outcome[]> {
  await must("ip", "link", "set", "lo", "up");
  const certificate = certificates.good;
  const options = { number: 1, seed: SEED, names: NAMES, ttl: TTL, isLogging: true, certificate };
  const upstream = await Upstream.start(folder, options);
  const all = async (
    ...faults: (readonly [Fault, Partial<FirewallOptions>?])[]
  ): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const [i, fault] of faults.entries()) {
      outcomes.push(await sufferOne(folder, upstream, fault, 5311 + i));
    }
    return outcomes;
  };
  switch (part) {
    case "weather":
      return await sufferAll(folder, upstream, Object.values(WEATHERS));
    case "upstream":
      return await sufferAll(folder, upstream, Object.values(UPSTREAM_FAULTS));
    case "tls":
      return await sufferAll(folder, upstream, certificateFaults(certificates), ["tls"]);
    case "host":
      return await all(
        [HOST_FAULTS.stopped],
        [HOST_FAULTS.connections],
        [HOST_FAULTS.descriptors, { prefix: `ulimit -n ${FEW_DESCRIPTORS}` }],
        [HOST_FAULTS.flood],
      );
    case "log":
      return await all(
        [HOST_FAULTS.disk, diskFor(folder, 5311)],
        [HOST_FAULTS.stillReader, { prefix: `head -c ${PIPE_BYTES} /dev/zero`, output: "" }],
        [HOST_FAULTS.goneReader, { output: "" }],
      );
  }
}

if (import.meta.main) {
  const folder = Deno.makeTempDirSync({ prefix: "fw-dns-faults-" });
  try {
    print(JSON.stringify(await play(Deno.args[0] as Part, folder)));
  } finally {
    // A disk of its own may still be mounted there; it goes with the namespace.
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    certificates[Symbol.dispose]();
  }
  Deno.exit();
}
