/** Names that are answered locally whatever a policy says (RFC 6761, Firefox's canary, RFC 9462). */

import type { Rule } from "../policy/mod.ts";

/** The zone of the loopback addresses of IPv4, reversed. */
export const LOOPBACK_ZONE = "127.in-addr.arpa";

/** ::1, reversed. */
export const LOOPBACK_SIX: string = `1.${"0.".repeat(31)}ip6.arpa`;

/** 127.0.0.1 and ::1, reversed. */
export const LOOPBACK_NAMES: readonly string[] = [`1.0.0.${LOOPBACK_ZONE}`, LOOPBACK_SIX];

/** These names, and all below them. */
export const LOCAL_NAMES: readonly string[] = [
  "localhost",
  LOOPBACK_ZONE,
  LOOPBACK_SIX,
  "use-application-dns.net",
  "resolver.arpa",
];

/** Whether a rule can let nothing through, since all that it names is answered locally. */
export function isLocal({ pattern: { base } }: Rule): boolean {
  return LOCAL_NAMES.some((name) =>
    base.endsWith(name) && (base.length === name.length || base.at(-name.length - 1) === ".")
  );
}
