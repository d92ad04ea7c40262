/** Resolvers elsewhere: those of the policy, those that are named, and well-known ones. */

import { DNS_PORT, isLoopback, type Policy } from "../../policy/mod.ts";
import type { SocketAddress } from "../../system/mod.ts";
import { askOverTcp, askOverUdp } from "./dns.ts";
import { knockQuic, openTcp } from "./encrypted.ts";
import { MEND, type Way } from "./finding.ts";

/**
 * Public resolvers that anyone can find, IPv4 and IPv6, as their operators publish them (2026): Google, Cloudflare
 * and Quad9 for all but DoQ, AdGuard for DoQ too. Some are enough: what is tried is this host, not them.
 */
const WELL_KNOWN: readonly string[] = [
  ...["8.8.8.8", "2001:4860:4860::8888"],
  ...["1.1.1.1", "2606:4700:4700::1111"],
  ...["9.9.9.9", "2620:fe::fe"],
  ...["94.140.14.140", "2a10:50c0::1:ff"],
];

/** Web servers that are no resolvers, and have had these addresses for years: ICANN's and Wikimedia's. */
const ANYWHERE: readonly string[] = [
  ...["192.0.43.8", "2001:500:88:200::8"],
  ...["208.80.154.224", "2620:0:861:ed1a::1"],
];

/** The ways to resolvers elsewhere; `named` are addresses. */
export function waysElsewhere(policy: Policy, named: readonly string[]): Way[] {
  const upstreams = policy.upstreams.map(({ address }) => address);
  const names = new Set([
    ...upstreams.map(({ hostname }) => hostname).filter((hostname) => !isLoopback(hostname)),
    ...named,
    ...WELL_KNOWN,
  ]);
  const isUpstream = (hostname: string, port = DNS_PORT): boolean =>
    upstreams.some((one) => one.hostname === hostname && one.port === port);
  const odd = upstreams.filter(({ hostname, port }) => port !== DNS_PORT || !names.has(hostname));
  return [
    ...odd.flatMap((address) => plainWays(address, true)),
    ...[...names].flatMap((hostname) =>
      plainWays({ hostname, port: DNS_PORT }, isUpstream(hostname))
    ),
    ...[...names].flatMap(encryptedWays),
  ];
}

function plainWays(to: SocketAddress, isUpstream: boolean): Way[] {
  const target = isUpstream ? `${to.hostname} (upstream)` : to.hostname;
  const common = { target, mend: isLoopback(to.hostname) ? MEND.RECURSOR : MEND.NFT };
  return [
    { ...common, name: `UDP ${to.port}`, attempt: (tries) => askOverUdp(to, tries) },
    { ...common, name: `TCP ${to.port}`, attempt: (tries) => askOverTcp(to, tries) },
  ];
}

function encryptedWays(hostname: string): Way[] {
  const common = { target: hostname, mend: MEND.NFT };
  const at = (port: number): SocketAddress => ({ hostname, port });
  return [
    { ...common, name: "TCP 853 (DoT)", attempt: (tries) => openTcp(at(853), tries) },
    { ...common, name: "UDP 853 (DoQ)", attempt: (tries) => knockQuic(at(853), tries) },
    { ...common, name: "TCP 443 (DoH)", attempt: (tries) => openTcp(at(443), tries) },
    { ...common, name: "UDP 443 (DoH)", attempt: (tries) => knockQuic(at(443), tries) },
  ];
}

/**
 * Whether web servers that nobody has listed can be reached: then a resolver on port 443 that nobody has listed can
 * be, too. Most hosts need that, so it counts as open only where the firewall is to let out to resolved addresses
 * alone (`isResolvedOnly`).
 */
export function waysAnywhere(isResolvedOnly: boolean): Way[] {
  return ANYWHERE.map((hostname) => ({
    name: "TCP 443 (any)",
    target: hostname,
    mend: MEND.RESOLVED_ONLY,
    attempt: async (tries) => {
      const outcome = await openTcp({ hostname, port: 443 }, tries);
      return isResolvedOnly ? outcome : { ...outcome, state: "note" };
    },
  }));
}
