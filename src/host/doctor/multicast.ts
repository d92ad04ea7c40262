/** Names asked of everyone on the link: mDNS (RFC 6762) and LLMNR (RFC 4795). */

import { anyAddressFor, closeQuietly, type SocketAddress } from "../../system/mod.ts";
import { Hearing } from "./dns.ts";
import { MEND, type Outcome, type Tries, type Way } from "./finding.ts";

const GROUPS: readonly (SocketAddress & { readonly name: string })[] = [
  { name: "mDNS", hostname: "224.0.0.251", port: 5353 },
  { name: "mDNS", hostname: "ff02::fb", port: 5353 },
  { name: "LLMNR", hostname: "224.0.0.252", port: 5355 },
  { name: "LLMNR", hostname: "ff02::1:3", port: 5355 },
];

/** The groups that are asked. */
export function waysToTheLink(): Way[] {
  return GROUPS.map(({ name, hostname, port }) => ({
    name: `UDP ${port} (${name})`,
    target: hostname,
    mend: MEND.LINK,
    attempt: (tries) => sendToGroup({ hostname, port }, tries),
  }));
}

/** What gets onto the link is out: whoever hears it may hand it on, and need not answer. */
async function sendToGroup(to: SocketAddress, tries: Tries): Promise<Outcome> {
  const socket = tries.network.bindUdp({ hostname: anyAddressFor(to.hostname), port: 0 });
  try {
    await socket.send(new Hearing(tries).root.bytes, { transport: "udp", ...to });
  } finally {
    closeQuietly(socket);
  }
  return { state: "open", note: "it gets onto the link, for anyone there to hand on" };
}
