/** Resolvers on this host beside fw-dns: each of them may go its own way out. */

import { DNS_PORT, type Policy } from "../../policy/mod.ts";
import type { Network } from "../../system/mod.ts";
import { askOverTcp, askOverUdp } from "./dns.ts";
import { type Finding, judgeError, MEND, type Way } from "./finding.ts";

/** Where resolvers sit that come with a system, and whose. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ["127.0.0.1", "this host"],
  ["127.0.0.11", "Docker"],
  ["127.0.0.53", "systemd-resolved"],
  ["127.0.0.54", "systemd-resolved"],
  ["127.0.1.1", "NetworkManager"],
  ["::1", "this host"],
  ["10.0.3.1", "LXC"],
  ["10.88.0.1", "Podman"],
  ["172.17.0.1", "Docker"],
  ["192.168.122.1", "libvirt"],
]);

/** Port 53 of this host's addresses, where it is not fw-dns's own. `own`: the addresses that it is known to have. */
export function waysHere({ listen }: Policy, own: readonly string[]): Way[] {
  const isOurs = (hostname: string): boolean =>
    listen.addresses.some((one) => one.hostname === hostname && one.port === DNS_PORT);
  // An address of one link needs the link's name beside it, which a socket of ours cannot be told.
  const hostnames = new Set([...USUAL.keys(), ...own.filter((one) => !/^fe[89ab]/i.test(one))]);
  return [...hostnames].filter((hostname) => !isOurs(hostname)).flatMap((hostname): Way[] => {
    const to = { hostname, port: DNS_PORT };
    const target = `${hostname} (${USUAL.get(hostname) ?? "this host"})`;
    return [
      {
        name: "UDP 53 (here)",
        target,
        mend: MEND.LOCAL,
        attempt: (tries) => askOverUdp(to, tries),
      },
      {
        name: "TCP 53 (here)",
        target,
        mend: MEND.LOCAL,
        attempt: (tries) => askOverTcp(to, tries),
      },
    ];
  });
}

/** The addresses of this host, or what to say where they are not told. */
export function findOwnAddresses(network: Network): readonly string[] | Finding {
  try {
    return network.ownAddresses();
  } catch (error) {
    const note = judgeError(error).state === "unknown"
      ? "its addresses are not known here; name them, or give --allow-sys=networkInterfaces"
      : "it has none";
    return { state: "note", name: "UDP 53 (here)", target: "this host", note, mend: "" };
  }
}
