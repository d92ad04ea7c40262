/** Addresses that are not for the Internet: in an answer they point a client at its own network, or at itself. */

import { parseSubnet, type Subnet, SubnetList } from "./address.ts";

/**
 * From the registries of RFC 6890, with multicast (RFC 5771, RFC 4291 2.7). Left out are the documentation's
 * networks, which nobody has. An IPv6 address that stands for an IPv4 one is never needed in an answer. Of 6to4
 * see {@linkcode isReserved}.
 */
const RANGES: readonly string[] = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private use
  "100.64.0.0/10", // shared by customers of one provider
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local
  "172.16.0.0/12", // private use
  "192.0.0.0/24", // IETF protocols
  "192.168.0.0/16", // private use
  "198.18.0.0/15", // benchmarks
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
  "::/96", // unspecified, loopback, and IPv4-compatible (deprecated)
  "::ffff:0.0.0.0/96", // IPv4-mapped
  "::ffff:0:0:0/96", // IPv4-translated (RFC 2765)
  "64:ff9b::/96", // NAT64
  "64:ff9b:1::/48", // NAT64 for local use
  "100::/64", // discard
  "2001::/32", // Teredo
  "2001:2::/48", // benchmarks
  "5f00::/16", // segment routing, within one network
  "fc00::/7", // unique local
  "fe80::/10", // link-local
  "fec0::/10", // site-local (deprecated)
  "ff00::/8", // multicast
];

/** Read when first asked for: the start need not wait for two dozen addresses to be parsed. */
let reserved: SubnetList | undefined;

/** 6to4, 2002::/16 (RFC 3056): the IPv4 address of a router stands behind these first bits, and counts in their place. */
const SIX_TO_FOUR = { bytes: [0x20, 0x02], bits: 16 } as const;

function range(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (!("value" in subnet)) throw new Error(`Cannot reserve ${subnet.problem}`);
  return subnet.value;
}

/** The networks that are not for the Internet; those that 6to4 makes of them are beside them. */
export function reservedSubnets(): readonly Subnet[] {
  reserved ??= new SubnetList(RANGES.map(range));
  return reserved.subnets;
}

/** Whether an address of 4 or 16 bytes, or all of a subnet with so many `bits`, is not for the Internet. */
export function isReserved(address: ArrayLike<number>, bits = address.length * 8): boolean {
  reserved ??= new SubnetList(RANGES.map(range));
  if (reserved.includesBytes(address, bits)) return true;
  const [first, second] = SIX_TO_FOUR.bytes;
  if (address.length !== 16 || address[0] !== first || address[1] !== second) return false;
  const router = Array.from({ length: 4 }, (_, i) => address[i + 2]!);
  return isReserved(router, Math.min(bits - SIX_TO_FOUR.bits, 32));
}
