/** The policies of the soak: good ones, which list names that come and go, and broken ones. */

import { TLS_NAME } from "../bench/tls.ts";
import { STALE } from "./judge.ts";
import { GROUPS, nameOf, NEVER, ZONE } from "./world.ts";
import type { Group } from "./world.ts";
import type { Party } from "./faults.ts";

/** The file of names beside a policy. */
export const LIST = "names.txt";

/** A way to an upstream, as a policy has it. */
export interface Way {
  readonly name: string;
  readonly transport: "udp" | "tcp" | "tls";
  readonly party: Party;
  /** A policy may name an address once. */
  readonly hostname: string;
}

/** The ways, in the order in which they are asked. */
export const WAYS: readonly Way[] = [
  { name: "scripted", transport: "udp", party: "scripted", hostname: "127.0.1.1" },
  { name: "unbound", transport: "udp", party: "unbound", hostname: "127.0.1.2" },
  { name: "unbound-tcp", transport: "tcp", party: "unbound", hostname: "127.0.1.3" },
  { name: "unbound-tls", transport: "tls", party: "unbound", hostname: "127.0.1.4" },
];

/** The ways that names of the group `tcp` are asked for by, each by one of them and no other. */
const STREAMS = ["unbound-tcp", "unbound-tls"] as const;

/** The authority that has issued the certificate of the way over TLS: a file beside a policy. */
export const CA_FILE = "ca.pem";

/**
 * Emissions for names below the wildcard in an hour: enough for the rogue as well, since all of loopback is one client,
 * and has one share.
 */
const WILDCARDS_PER_HOUR = 100_000;

/** The rogue tries to hold more. */
export const TCP_CONNECTIONS = 128;

/** Who may be asked for the names of a group. */
export function partiesOf(group: Group): readonly Party[] {
  const ways = group === "tcp" ? WAYS.filter(({ transport }) => transport !== "udp") : WAYS;
  return [...new Set(ways.map(({ party }) => party))];
}

/** All names of a group. */
export function namesOf(group: Group): string[] {
  return Array.from({ length: GROUPS[group].names }, (_, i) => nameOf(group, i));
}

/** What is the same in all policies of a soak. */
export interface PolicyParts {
  readonly port: number;
  /** Of the upstreams. */
  readonly ports: Readonly<Record<Party | "tls", number>>;
}

/** A good policy: what changes from one `round` to the next, and the names that it lists of those that come and go. */
export function goodPolicy(
  { port, ports }: PolicyParts,
  round: number,
  flips: Iterable<string>,
): string {
  const rules = (group: "hermetic" | "tcp", linesOf: (index: number) => string): string =>
    namesOf(group).map((name, i) => `[[rule]]\nname = "${name}"\n${linesOf(i)}\n`).join("");
  const upstreams = WAYS.map(({ name, transport, party, hostname }) => {
    const isTls = transport === "tls";
    const address = `${hostname}:${ports[isTls ? "tls" : party]}`;
    const identity = isTls ? `tls_name = "${TLS_NAME}"\nca_file = "${CA_FILE}"\n` : "";
    return `[[upstream]]\nname = "${name}"\naddress = "${address}"\ntransport = "${transport}"\n${identity}`;
  });
  // Another timeout takes new ways to the upstreams: sockets, ticks and all.
  return `unlisted = "${round % 4 === 3 ? "drop" : "refused"}"
allow = ${JSON.stringify([...namesOf("forward"), ...flips])}
allow_files = ["${LIST}"]
[listen]
addresses = ["127.0.0.1:${port}"]
tcp_connections = ${TCP_CONNECTIONS}
[query]
timeout = "${round % 6 === 5 ? 800 : 700}ms"
[cache]
min_ttl = "1s"
stale = "${STALE}ms"
[hermetic]
rate = 50
[budget]
wildcards_per_hour = ${WILDCARDS_PER_HOUR}
${upstreams.join("")}[[rule]]
name = "*.wildcard.${ZONE}"
labels = "[a-z]{2,8}"
min_ttl = "25s"
${rules("hermetic", () => 'mode = "hermetic"\nmin_ttl = "5s"')}${
    rules("tcp", (i) => `upstream = "${STREAMS[i % STREAMS.length]}"`)
  }[[test]]
name = "${NEVER}"
expect = "deny"
`;
}

/** The ways in which a policy is broken. */
const BREAKS: readonly ((toml: string) => string)[] = [
  (toml) => toml.replace("[cache]", "[cahce]"),
  (toml) => toml.slice(0, toml.length / 2),
  (toml) => toml.replace('"1s"', '"1 second"'),
  (toml) => toml,
  (toml) => toml.replace("127.0.0.1:", "0.0.0.0:"),
];

/** A policy that is never valid, and lists a name that no good one does. */
export function brokenPolicy(parts: PolicyParts, round: number): string {
  return BREAKS[round % BREAKS.length]!(goodPolicy(parts, round, [NEVER]));
}
