/** `--resolved-only`: what leaves goes to addresses that fw-dns has just resolved. */

import type { NftPlan } from "./nft_plan.ts";
import { chain, IS_MARKED, rulePerFamily, SET_MARK, subnetElements } from "./nft_text.ts";

/** The sets that the helper fills. */
export const RESOLVED_SETS = `
    # Addresses that fw-dns has resolved: its helper puts them in, and they leave by themselves.
    set resolved4 {
        type ipv4_addr
        flags timeout
        size 65536
    }
    set resolved6 {
        type ipv6_addr
        flags timeout
        size 65536
    }
`;

/** The chains that are reached from `output`, `input` and, on a gateway, `forward`. */
export function resolvedChains(plan: NftPlan): string[] {
  const toClients = rulePerFamily(
    subnetElements(plan.clientsBehind),
    (family, set) => `${family} daddr ${set}`,
  );
  return [
    outputChain(plan.isGateway ? toClients : []),
    icmpChain(),
    openedChain(),
    ...(plan.isGateway ? [forwardChain(toClients)] : []),
  ];
}

const TO_RESOLVED = [
  "# To what fw-dns has just resolved. The flow may then last longer than the address stays here.",
  `ip daddr @resolved4 ${SET_MARK} accept`,
  `ip6 daddr @resolved6 ${SET_MARK} accept`,
];

const BY_HAND = [
  "# What you have let through yourself.",
  "jump exceptions",
  "",
  "goto refuse",
];

function outputChain(toClients: readonly string[]): string {
  return chain("resolved_only", [
    'oif "lo" accept',
    "",
    "# Flows that these rules have let through before.",
    `${IS_MARKED} accept`,
    "",
    "# What services of this host had under way when the rules were first loaded, ssh among them.",
    "# It opens nothing: a new connection begins with a SYN.",
    "tcp sport < 1024 tcp flags & (syn | ack) != syn accept",
    "",
    "jump icmp_errors",
    "ip protocol igmp accept",
    "# DHCP",
    "udp sport . udp dport { 68 . 67, 546 . 547 } accept",
    "",
    ...TO_RESOLVED,
    "",
    ...(toClients.length > 0 ? ["# To clients behind this host."] : []),
    ...toClients.map((rule) => `${rule} accept`),
    ...(toClients.length > 0 ? [""] : []),
    ...BY_HAND,
  ]);
}

function forwardChain(toClients: readonly string[]): string {
  return chain("resolved_forward", [
    `${IS_MARKED} accept`,
    "jump icmp_errors",
    "",
    ...TO_RESOLVED,
    "",
    "# To clients, from where such packets should come from.",
    ...toClients.flatMap((rule) => [
      `${rule} fib saddr . iif oif exists jump opened_to_us`,
      `${rule} accept`,
    ]),
    "",
    ...BY_HAND,
  ]);
}

function icmpChain(): string {
  return chain("icmp_errors", [
    "# Errors, answers to pings, and what IPv6 cannot do without. A ping counts as any other packet.",
    "icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-reply } accept",
    "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, " +
    "echo-reply } accept",
    "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, " +
    "mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept",
  ]);
}

function openedChain(): string {
  return chain("opened_to_us", [
    "# Flows that others have opened get their answers through. What may come in is not our matter.",
    `ct state new tcp flags & (fin | syn | rst | ack) == syn ${SET_MARK}`,
    "# A port above may be where a flow from before these rules ends, and would make it look answered.",
    `ct state new udp dport < 32768 ${SET_MARK}`,
  ]);
}
