/** The lines of recursor.conf that belong to the script. */

import type { Policy } from "../../policy/mod.ts";
import { formatAddress } from "../../system/mod.ts";
import { seconds } from "../restrictions.ts";
import type { Servers } from "./servers.ts";

/** Where the notes tell people to put the script. */
export const SCRIPT_FILE = "/etc/powerdns/fw-dns.lua";
/** Where to put the configuration in Lua, which is not the script. */
export const CLOSED_FILE = "/etc/powerdns/fw-dns-closed.lua";
/** Where to put the policy zone that it loads. */
export const ZONE_FILE = "/etc/powerdns/fw-dns-closed.zone";

/**
 * The configuration in Lua. A Recursor whose script is unloaded, or fails when it is loaded anew, goes on without it,
 * and would forward everything. So a policy zone drops everything, and the script lets past it what may be asked.
 */
export const CLOSED_LINES: readonly string[] = [
  `rpzFile("${ZONE_FILE}", { policyName = "no script" })`,
];
/** The policy zone. */
export const ZONE_LINES: readonly string[] = [
  "$TTL 60",
  "@ SOA fw-dns.invalid. nobody.invalid. 1 3600 600 86400 60",
  "@ NS fw-dns.invalid.",
  "* CNAME rpz-drop.",
];

/** A client hears something within this, in ms: glibc gives up after 5 s. */
const LONGEST_WAIT = 4500;
/** The shortest `max-cache-ttl`, in s. */
const LEAST_MAX_TTL = 15;
/** How long a failure is remembered, at most, in s. */
const FAILURE_TTL = 30;

/** A setting and its value, or a comment that stands before some. */
type Line = readonly [key: string, value: string | number] | string;

/** What the settings are made from besides the policy. */
export interface SettingFacts {
  readonly servers: Servers;
  /** The longest floor of any rule, in s. */
  readonly floor: number;
}

/** The settings, each a line, with comments between them. */
export function settingLines(policy: Policy, facts: SettingFacts): string[] {
  const lines = [
    ...listenLines(policy),
    ...upstreamLines(policy, facts.servers),
    ...cacheLines(policy, facts),
    ...silenceLines(),
  ];
  return lines.map((line) => typeof line === "string" ? `# ${line}` : `${line[0]}=${line[1]}`);
}

function listenLines({ listen, query }: Policy): Line[] {
  return [
    ["lua-dns-script", SCRIPT_FILE],
    "Drops whatever the script does not let past.",
    ["lua-config-file", CLOSED_FILE],
    "One thread: two could ask for the same at once, and each would load the names.",
    ["threads", 1],
    ["pdns-distributes-queries", "no"],
    ["local-address", listen.addresses.map(formatAddress).join(",")],
    ["allow-from", listen.clients.subnets.map(({ text }) => text).join(",")],
    ["allow-notify-from", ""],
    ["proxy-protocol-from", ""],
    ["max-tcp-clients", listen.tcpConnections],
    ["client-tcp-timeout", Math.max(1, seconds(listen.tcpIdle))],
    ["max-mthreads", query.inFlight],
  ];
}

function upstreamLines({ query }: Policy, servers: Servers): Line[] {
  const { addresses } = servers;
  return [
    "Everything has a way to all upstreams, so that a listed name may be an alias: the script's preoutquery decides",
    "what goes to which of them.",
    // With nothing to forward to it would ask the root servers. Nobody is to answer there.
    ["forward-zones-recurse", `.=${addresses.length > 0 ? addresses.join(";") : "127.0.0.1:9"}`],
    ["query-local-address", localAddresses(addresses)],
    ["dot-to-port-853", servers.hasTls ? "yes" : "no"],
    ["network-timeout", query.timeout],
    ["max-total-msec", LONGEST_WAIT],
    "Tries of one query; those to a server that a rule does not name are counted too.",
    ["max-qperq", query.tries + addresses.length],
    "Nothing of the client's goes upstream but the name, in small letters, and the type.",
    ["lowercase-outgoing", "yes"],
    ["dnssec", "off"],
    ["edns-subnet-allow-list", ""],
    ["use-incoming-edns-subnet", "no"],
    ["qname-minimization", "no"],
  ];
}

/** Where questions are sent from: the Recursor asks no server whose kind of address is not among them. */
function localAddresses(addresses: readonly string[]): string {
  return addresses.some((address) => address.startsWith("[")) ? "0.0.0.0,::" : "0.0.0.0";
}

function cacheLines({ cache }: Policy, { floor }: SettingFacts): Line[] {
  const most = Math.max(LEAST_MAX_TTL, floor, seconds(cache.maxTtl));
  return [
    "The floor: the longest min_ttl of all rules, for all of them.",
    ["minimum-ttl-override", floor],
    ["max-cache-ttl", most],
    ["max-negative-ttl", most],
    ["packetcache-ttl", most],
    ["packetcache-servfail-ttl", Math.min(floor, FAILURE_TTL)],
    "What the Recursor refreshes by itself goes by no script. The script has the stale answers.",
    ["serve-stale-extensions", 0],
    ["refresh-on-ttl-perc", 0],
    "What is known of one name says nothing about another.",
    ["root-nx-trust", "no"],
    ["nothing-below-nxdomain", "no"],
    ["aggressive-nsec-cache-size", 0],
    ["serve-rfc1918", "no"],
    ["export-etc-hosts", "off"],
  ];
}

function silenceLines(): Line[] {
  return [
    "It asks nothing of its own accord.",
    ["hint-file", "no"],
    ["security-poll-suffix", ""],
    ["max-busy-dot-probes", 0],
    ["carbon-server", ""],
    ["webserver", "no"],
    ["any-to-tcp", "no"],
    ["server-id", "disabled"],
    ["quiet", "yes"],
  ];
}
