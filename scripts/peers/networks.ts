/** The network of a run: a way out that leads nowhere, where everything that is sent can be counted. */

import { must } from "../must.ts";

const OUTSIDE = "outside";

const NETWORK = `set -e
mount -t tmpfs tmpfs /run
ip link set lo up
ip link add ${OUTSIDE} type veth peer name far
ip link set ${OUTSIDE} arp off
sysctl -qw net.ipv6.conf.${OUTSIDE}.disable_ipv6=1
sysctl -qw net.ipv6.conf.far.disable_ipv6=1
ip link set far up
ip link set ${OUTSIDE} up
ip address add 192.0.2.10/24 dev ${OUTSIDE}
ip route add default dev ${OUTSIDE}`;

/** Makes the network, in a namespace that is there for it; temporary files end with it. */
export async function furnish(): Promise<void> {
  await must("sh", "-c", NETWORK);
  Deno.env.set("TMPDIR", "/run");
}

/** Packets of IPv4 that were sent to anywhere but this host. There is no other way out: no route of IPv6. */
export async function countElsewhere(): Promise<number> {
  const lines = (await Deno.readTextFile("/proc/net/dev")).split("\n");
  const fields = lines.find((line) => line.trim().startsWith(`${OUTSIDE}:`))!.trim().split(
    /[\s:]+/,
  );
  return Number(fields[10]);
}
