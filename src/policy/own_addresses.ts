/** The addresses at which fw-dns itself can be reached, as a policy spells them. */

import { formatAddress, type SocketAddress } from "../system/mod.ts";
import { canonicalAddress, isNoHost, isUnspecified, parseSocketAddress } from "./address.ts";
import { type Leaf, text } from "./fields.ts";
import { type Parsed, quote } from "./name_pattern.ts";

/** Where CoreDNS has its metrics, too: what messages propose. */
const METRICS_PORT = 9153;

/** An address of this host; `whose` says in a message which one is meant. */
function ownAddress(written: string, whose: string): Parsed<SocketAddress> {
  const parsed = parseSocketAddress(written, 0);
  if ("problem" in parsed || !isNoHost(parsed.value.hostname)) return parsed;
  const { hostname, port } = parsed.value;
  const instead = hostname.includes(":") ? `[::1]:${port}` : `127.0.0.1:${port}`;
  return {
    problem: `${quote(written)} is ${
      isUnspecified(hostname) ? "every address of this host" : "no host's address"
    }: write ${whose}, like "${instead}"`,
  };
}

/** Where clients ask. */
export const listenAddress: Leaf<SocketAddress> = text(
  '"127.0.0.1:53"',
  (written) => ownAddress(written, "the address that clients use"),
);

/** Where metrics and the status page are. */
export const metricsAddress: Leaf<SocketAddress> = text('"127.0.0.1:9153"', (written) => {
  // A port that is left out is 53 elsewhere in this file.
  if (/^(\[[^\]]*\]|[^:]*):/.test(written) && canonicalAddress(written) === undefined) {
    return ownAddress(written, "the address at which it is to be read");
  }
  const parsed = parseSocketAddress(written, 0);
  if ("problem" in parsed) return parsed;
  const { hostname } = parsed.value;
  const instead = formatAddress({ hostname, port: METRICS_PORT });
  return { problem: `${quote(written)}: a port is needed: write "${instead}"` };
});
