/**
 * How fast one account, or one machine behind this host, may ask fw-dns.
 *
 * What comes faster than it is read overflows the buffer of the socket, and the system then loses whoever's packet is
 * next. fw-dns cannot help that: the only place to tell askers apart is ahead of the socket. None of this says anything
 * upstream; it only keeps packets from fw-dns, as not sending them would.
 */

import type { NftPlan } from "./nft_plan.ts";
import { chain } from "./nft_text.ts";

/** Packets of UDP a second: a buffer lasts for an eighth of a second of them. And at once: it has room for others besides. */
const PACKETS = "limit rate over 2000/second burst 100 packets";

/** New connections a second. */
const CONNECTIONS = "limit rate over 200/second burst 100 packets";

/** Bytes of an IP packet over UDP: no question is longer, and a few of 64 KiB would fill the buffer. */
const LONGEST = 1500;

/** A client of IPv6 is a network of 64 bits, as for fw-dns itself. */
const ASKERS = {
  account: { set: "account", type: "uid", key: "meta skuid" },
  ip: { set: "client4", type: "ipv4_addr", key: "ip saddr" },
  ip6: { set: "client6", type: "ipv6_addr", key: "ip6 saddr & ffff:ffff:ffff:ffff::" },
} as const;

/** Who is told from whom: accounts of this host, or machines behind it. */
type Askers = keyof typeof ASKERS;

/** The sets in which the rules count. */
export function limitSets({ isGateway }: NftPlan): string {
  const askers: readonly Askers[] = isGateway ? ["account", "ip", "ip6"] : ["account"];
  const sets = askers.map((one) => ASKERS[one]).flatMap(({ set, type }) => [
    setOf(`${set}_asks`, type, true),
    setOf(`${set}_connects`, type, true),
    setOf(`${set}_connected`, type, false),
  ]);
  return `    # Who asks fw-dns, how fast, and over how many connections.\n${sets.join("\n")}`;
}

/** The chains that a question to fw-dns passes: `asking`, and on a gateway `asking_behind`. */
export function limitChains(plan: NftPlan): string[] {
  const chains = [chain("asking", [...rulesFor("account", plan), "accept"])];
  if (!plan.isGateway) return chains;
  const behind = [...rulesFor("ip", plan), ...rulesFor("ip6", plan), "accept"];
  return [...chains, chain("asking_behind", behind)];
}

function setOf(name: string, type: string, isTimed: boolean): string {
  const flags = isTimed
    ? ["flags dynamic, timeout", "timeout 1m", "size 65536"]
    : ["flags dynamic", "size 65536"];
  return [
    `    set ${name} {`,
    ...[`type ${type}`, ...flags].map((line) => `        ${line}`),
    "    }",
  ]
    .join("\n");
}

function rulesFor(askers: Askers, { tcpConnections }: NftPlan): string[] {
  const { set, key } = ASKERS[askers];
  const isNew = "tcp flags & (fin | syn | rst | ack) == syn";
  const most = Math.max(1, Math.floor(tcpConnections / 2));
  return [
    ...(askers === "ip6" ? [] : [`meta l4proto udp meta length > ${LONGEST} counter drop`]),
    `meta l4proto udp update @${set}_asks { ${key} ${PACKETS} } counter drop`,
    `${isNew} update @${set}_connects { ${key} ${CONNECTIONS} } counter drop`,
    `${isNew} add @${set}_connected { ${key} ct count over ${most} } counter goto refuse`,
  ];
}
