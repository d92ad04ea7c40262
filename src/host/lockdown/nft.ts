/** `lockdown --to nft`: a ruleset under which fw-dns is the only way out for DNS. */

import type { PathProblem, Policy } from "../../policy/mod.ts";
import { formatAddress } from "../../system/mod.ts";
import type { OwnAccount } from "../own_account.ts";
import { KNOWN_RESOLVERS } from "./known_resolvers.ts";
import { commonChains } from "./nft_chains.ts";
import { gatewayChains } from "./nft_gateway.ts";
import { limitChains, limitSets } from "./nft_limits.ts";
import { type NftOptions, type NftPlan, planNft } from "./nft_plan.ts";
import { RESOLVED_SETS, resolvedChains } from "./nft_resolved.ts";
import { chain, type Family, familyOf, MARK } from "./nft_text.ts";

export type { NftOptions } from "./nft_plan.ts";

/** The ruleset, with the line's end after each line; or why there can be none. */
export function formatNft(
  policy: Policy,
  account: OwnAccount,
  options: NftOptions,
): string | PathProblem {
  const plan = planNft(policy, account, options);
  if ("path" in plan) return plan;
  const { isGateway, isResolvedOnly } = plan;
  const chains = [
    ...commonChains(plan),
    ...limitChains(plan),
    ...(isResolvedOnly ? resolvedChains(plan) : []),
    ...(isGateway ? gatewayChains(plan) : []),
    chain("exceptions", ["# Rules of your own: see the end of this file."]),
  ];
  return `${head(plan)}
# The table and its sets may be here from before: rules go, addresses that were resolved stay.
table inet fw_dns {
    # The ports that fw-dns asks from, noted as it asks.
    set own_ports {
        type inet_service
        flags dynamic, timeout
        timeout 10m
        size 65536
    }

${limitSets(plan)}
${isResolvedOnly ? RESOLVED_SETS : ""}
    set known4 {
        type ipv4_addr
        flags interval
        auto-merge
    }
    set known6 {
        type ipv6_addr
        flags interval
        auto-merge
    }
}
flush table inet fw_dns
flush set inet fw_dns known4
flush set inet fw_dns known6

table inet fw_dns {
${chains.join("\n\n")}
}

# Public resolvers, by operator. The list is never whole: anyone can run one, on any address.
${knownElements()}
${FOOT}`;
}

function head(plan: NftPlan): string {
  const { user, recursor, upstreams, listen, clients, isGateway, isResolvedOnly } = plan;
  const flags = [
    ...(isGateway ? [" --gateway"] : []),
    ...(isResolvedOnly ? [" --resolved-only"] : []),
    ...(recursor === undefined ? [] : [` --recursor ${recursor}`]),
  ];
  return `#!/usr/sbin/nft -f
# The only way out for DNS is fw-dns.
#
# Made by: fw-dns lockdown --to nft${flags.join("")}
# Make it anew when one of these changes in the policy:
#   upstreams  ${
    upstreams.map((one) => `${formatAddress(one.address)} ${one.transport}`).join(", ")
  }
#   listening  ${listen.map(formatAddress).join(", ")}
#   clients    ${clients.subnets.map(({ text }) => text).join(", ")}
#   account    ${user}${recursor === undefined ? "" : `, and ${recursor} for the recursor`}
# ${
    recursor === undefined
      ? "This account has"
      : "These accounts have"
  } to exist before this can be loaded.
#
# To load it:    nft -f THIS_FILE    at once and whole, as often as you like. Flows that it forbids end.
# At every boot: put it at /etc/fw-dns/lockdown.nft, add the line
#                    include "/etc/fw-dns/lockdown.nft"
#                to the end of /etc/nftables.conf, and: systemctl enable nftables
#                That loads it before the network is there.
# To see it:     nft list table inet fw_dns    (with counters of what was refused)
# To remove it:  nft delete table inet fw_dns
#
# It leaves other tables as they are, and nothing that they let through gets past it. Of connection marks it
# uses one bit, ${MARK}. Chains that only another form of it uses may stay behind, empty.
`;
}

function knownElements(): string {
  const lines: Record<Family, string[]> = { ip: [], ip6: [] };
  for (const { operator, addresses } of KNOWN_RESOLVERS) {
    for (const family of ["ip", "ip6"] as const) {
      const those = addresses.filter((address) => familyOf(address) === family);
      if (those.length > 0) lines[family].push(`    ${those.join(", ")}, # ${operator}`);
    }
    const translated = addresses.filter((address) => familyOf(address) === "ip").map(throughNat64);
    if (translated.length > 0) lines.ip6.push(`    ${translated.join(", ")}, # and by NAT64`);
  }
  return `add element inet fw_dns known4 {
${lines.ip.join("\n")}
}
add element inet fw_dns known6 {
${lines.ip6.join("\n")}
}
`;
}

/** The IPv6 addresses behind which NAT64 (RFC 6052 2.1) has those of an IPv4 network. */
function throughNat64(network: string): string {
  const [address = "", bits = "32"] = network.split("/");
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  const group = (high: number, low: number): string => (high * 256 + low).toString(16);
  return `64:ff9b::${group(a, b)}:${group(c, d)}/${96 + Number(bits)}`;
}

const FOOT = `# Rules of your own, in files of root's, such as
#   add rule inet fw_dns exceptions ip daddr 192.0.2.7 tcp dport 443 accept
#   add rule inet fw_dns exceptions udp sport 51820 accept
#   add element inet fw_dns known4 { 192.0.2.53 }
# "exceptions" counts with --resolved-only: it is what may go out though nobody has resolved it. DNS may not.
include "/etc/fw-dns/lockdown.d/*.nft"
`;
