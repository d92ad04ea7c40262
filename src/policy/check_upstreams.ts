/** What an upstream over TLS needs, and no other can use. */

import { at } from "./cross_check.ts";
import type { PathProblem } from "./problem.ts";

/** The keys that only `transport = "tls"` gives a meaning. */
const TLS_KEYS = ["tls_name", "ca_file", "pin"];

/** Transports without TLS, the one among them that an upstream has by default. */
const PLAIN: readonly unknown[] = [undefined, "udp", "tcp"];

/** What is missing for TLS, or is there without it, in a file as TOML gave it. */
export function checkUpstreams(file: unknown): PathProblem[] {
  const upstreams = at(file, "upstream");
  if (!Array.isArray(upstreams)) return [];
  return upstreams.flatMap((upstream, index) => {
    const path = ["upstream", index];
    const transport = at(upstream, "transport");
    if (PLAIN.includes(transport)) {
      return TLS_KEYS.filter((key) => at(upstream, key) !== undefined).map((key) => ({
        path: [...path, key],
        message: 'nothing here would be encrypted: write transport = "tls" as well, or take it out',
        atKey: true,
      }));
    }
    // That a transport is none is told elsewhere.
    if (transport !== "tls" || at(upstream, "tls_name") !== undefined) return [];
    const message = "the key tls_name is missing: write the name that the server's certificate " +
      'shows, like tls_name = "dns.quad9.net"';
    return [{ path, message }];
  });
}
