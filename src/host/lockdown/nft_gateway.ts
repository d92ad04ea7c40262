/** The chains of a gateway: for clients behind this host. */

import type { NftPlan } from "./nft_plan.ts";
import { ANY_TRANSPORT, BOTH, DNS_PORTS, localPorts, PRIORITY } from "./nft_chains.ts";
import {
  chain,
  familyOf,
  hook,
  rulePerFamily,
  socketElements,
  subnetElements,
} from "./nft_text.ts";

/** The chains of a gateway. */
export function gatewayChains(plan: NftPlan): string[] {
  const behind = subnetElements(plan.clientsBehind);
  const ports = new Set([...DNS_PORTS, ...localPorts(plan)]);
  return [
    forgedChain(plan),
    chain("gateway_nat", [
      "# Ahead of other NAT (-100), Docker's among it.",
      hook("nat", "prerouting", -110),
      "",
      "# Whatever server clients name, it is fw-dns that they ask.",
      ...plan.targets.map(({ hostname, port }) => {
        const family = familyOf(hostname);
        const target = family === "ip6" ? `[${hostname}]:${port}` : `${hostname}:${port}`;
        return `iif != "lo" ${family} saddr { ${behind[family].join(", ")} } ` +
          `meta l4proto { tcp, udp } th dport 53 dnat ${family} to ${target}`;
      }),
    ]),
    chain("gateway_input", [
      "# Of this host's DNS, others reach fw-dns alone, and each of them no faster than it could want to.",
      ...rulePerFamily(
        socketElements(plan.listen.map((address) => ({ ...address, protocols: BOTH }))),
        (family, set) => `${family} daddr . meta l4proto . th dport ${set} goto asking_behind`,
      ),
      `${ANY_TRANSPORT} th dport { ${[...ports].join(", ")} } goto refuse`,
      "# As in the input chain, for clients.",
      ...rulePerFamily(
        behind,
        (family, set) =>
          `${family} saddr ${set} udp dport 32768-60999 socket wildcard 1 ct direction original drop`,
      ),
    ]),
    chain("forward", [
      hook("filter", "forward", PRIORITY),
      "",
      "jump dns",
      ...(plan.isResolvedOnly ? ["goto resolved_forward"] : []),
    ]),
  ];
}

/**
 * What a machine behind this host sends in another's name makes this host speak to the other: a refusal or an error
 * quotes the packet, a reset bears its numbers, fw-dns's answer bears its ID. So none of it comes in.
 */
function forgedChain({ clientsBehind, isResolvedOnly }: NftPlan): string {
  const isForged = 'iif != "lo" fib saddr . iif oif missing counter drop';
  return chain("gateway_forged", [
    hook("filter", "prerouting", PRIORITY),
    "",
    "# A packet comes from where answers to it would go. Nothing is said to a forged address.",
    ...(isResolvedOnly
      ? [`ip saddr != 0.0.0.0 ${isForged}`, `ip6 saddr != :: ${isForged}`]
      : rulePerFamily(
        subnetElements(clientsBehind),
        (family, set) => `${family} saddr ${set} ${isForged}`,
      )),
  ]);
}
