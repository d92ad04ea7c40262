/** How nftables spells things: sets, chains, and rules that each address family needs its own of. */

import { isLoopback, SubnetList } from "../../policy/mod.ts";
import type { SocketAddress } from "../../system/mod.ts";

/** The bit of the connection mark that says: these rules have let this flow through. */
export const MARK = "0x20000000";

/** Whether a flow bears the mark. */
export const IS_MARKED = `ct mark & ${MARK} == ${MARK}`;

/** Puts the mark on a flow. */
export const SET_MARK = `ct mark set ct mark or ${MARK}`;

/** The selector of an address family. */
export type Family = "ip" | "ip6";

/** `ip` or `ip6`, by an address or a subnet in text form. */
export function familyOf(address: string): Family {
  return address.includes(":") ? "ip6" : "ip";
}

/** One rule for each family that has elements: `write("ip", "{ 192.0.2.1, 192.0.2.2 }")`. */
export function rulePerFamily(
  elements: Readonly<Record<Family, readonly string[]>>,
  write: (family: Family, set: string) => string,
): string[] {
  return (["ip", "ip6"] as const)
    .filter((family) => elements[family].length > 0)
    .map((family) => write(family, `{ ${elements[family].join(", ")} }`));
}

/** Sockets as elements: `192.0.2.1 . udp . 53`, or `192.0.2.1 . 53` without protocols. */
export function socketElements(
  sockets: readonly (SocketAddress & { readonly protocols?: readonly string[] })[],
): Record<Family, string[]> {
  const elements: Record<Family, string[]> = { ip: [], ip6: [] };
  for (const { hostname, port, protocols } of sockets) {
    const middles = protocols?.map((protocol) => ` . ${protocol} . `) ?? [" . "];
    elements[familyOf(hostname)].push(...middles.map((middle) => `${hostname}${middle}${port}`));
  }
  return elements;
}

/** Subnets as elements. None lies in another: a set with both would not load. */
export function subnetElements({ subnets }: SubnetList): Record<Family, string[]> {
  const elements: Record<Family, string[]> = { ip: [], ip6: [] };
  subnets.forEach((subnet, i) => {
    const isCovered = subnets.some((other, j) =>
      other.bits === subnet.bits && other.text === subnet.text
        ? j < i
        : new SubnetList([other]).includesBytes(subnet.bytes, subnet.bits)
    );
    if (!isCovered) elements[familyOf(subnet.text)].push(subnet.text);
  });
  return elements;
}

/** Those of some subnets that are not loopback's: clients on other hosts. */
export function beyondLoopback({ subnets }: SubnetList): SubnetList {
  return new SubnetList(subnets.filter(({ text }) => !isLoopback(text.split("/")[0]!)));
}

/** A chain; the first line of a base chain is its hook. Empty lines stay empty. */
export function chain(name: string, lines: readonly string[]): string {
  const body = lines.map((line) => line === "" ? "" : `        ${line}`);
  return [`    chain ${name} {`, ...body, "    }"].join("\n");
}

/** The hook of a base chain. */
export function hook(type: "filter" | "nat", name: string, priority: number): string {
  return `type ${type} hook ${name} priority ${priority}; policy accept;`;
}
