/** The network namespaces of a room: links, addresses, routes, and accounts of their own. */

import assert from "node:assert/strict";
import { join } from "node:path";

/** The places of a room. */
export type Place = "host" | "outside" | "behind";

const PLACES = ["host", "outside", "behind"] as const;

/** Addresses that exist outside: two of known resolvers, and two of servers that nobody knows. */
export const OUTSIDE = {
  google: "8.8.8.8",
  quad9: "9.9.9.9",
  google6: "2001:4860:4860::8888",
  unknown: "203.0.113.80",
  another: "203.0.113.81",
  unknown6: "2001:db8:80::80",
} as const;

/** The host's own addresses, towards the machine behind it. */
export const GATEWAY = { ip: "10.0.7.1", ip6: "fd00:7::1" } as const;

const ACCOUNTS = { root: 0, "fw-dns": 64_001, recursor: 64_002, neighbour: 64_003 } as const;

/** An account of the host. */
export type Account = keyof typeof ACCOUNTS;

const SET_UP = `
ip link add wan netns $HOST type veth peer name eth0 netns $OUTSIDE
ip link add lan netns $HOST type veth peer name eth0 netns $BEHIND
for ns in $HOST $OUTSIDE $BEHIND; do
  ip netns exec $ns sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
  ip -n $ns link set lo up
done
add() {
  case $3 in
    *:*) ip -n $1 address add $3 dev $2 nodad ;;
    *) ip -n $1 address add $3 dev $2 ;;
  esac
}
add $HOST wan 198.51.100.2/24; add $HOST wan 2001:db8:1::2/64
add $OUTSIDE eth0 198.51.100.1/24; add $OUTSIDE eth0 2001:db8:1::1/64
add $HOST lan ${GATEWAY.ip}/24; add $HOST lan ${GATEWAY.ip6}/64
add $BEHIND eth0 10.0.7.2/24; add $BEHIND eth0 fd00:7::2/64
for address in ${Object.values(OUTSIDE).join(" ")}; do add $OUTSIDE lo $address; done
for end in "$HOST wan" "$OUTSIDE eth0" "$HOST lan" "$BEHIND eth0"; do
  ip -n \${end% *} link set \${end#* } up
done
ip netns exec $HOST sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n $HOST route add default via 198.51.100.1
ip -n $HOST -6 route add default via 2001:db8:1::1
ip -n $OUTSIDE route add 10.0.7.0/24 via 198.51.100.2
ip -n $OUTSIDE -6 route add fd00:7::/64 via 2001:db8:1::2
ip -n $BEHIND route add default via ${GATEWAY.ip}
ip -n $BEHIND -6 route add default via ${GATEWAY.ip6}
`;

/** Builds them under the names that `nameOf` gives. Needs root. */
export async function buildNamespaces(nameOf: (place: Place) => string): Promise<void> {
  const users = Object.entries(ACCOUNTS);
  const passwd = users.map(([name, id]) => `${name}:x:${id}:${id}::/:/bin/sh\n`).join("");
  const group = users.map(([name, id]) => `${name}:x:${id}:\n`).join("");
  for (const place of PLACES) {
    // `ip netns exec` lays these over /etc.
    const folder = `/etc/netns/${nameOf(place)}`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(join(folder, "passwd"), passwd);
    Deno.writeTextFileSync(join(folder, "group"), group);
    Deno.writeTextFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    await check(new Deno.Command("ip", { args: ["netns", "add", nameOf(place)] }));
  }
  const env = { HOST: nameOf("host"), OUTSIDE: nameOf("outside"), BEHIND: nameOf("behind") };
  await check(new Deno.Command("bash", { args: ["-euc", SET_UP], env }));
}

/** Removes all of them that there are. */
export async function removeNamespaces(nameOf: (place: Place) => string): Promise<void> {
  for (const place of PLACES) {
    await new Deno.Command("ip", {
      args: ["netns", "delete", nameOf(place)],
      stderr: "null",
    }).output();
    await Deno.remove(`/etc/netns/${nameOf(place)}`, { recursive: true }).catch(() => {});
  }
}

async function check(command: Deno.Command): Promise<void> {
  const { code, stderr } = await command.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}
