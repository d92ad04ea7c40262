/** The settings of a policy as dnsmasq's. */

import type { Policy } from "../../policy/mod.ts";
import { MAX_UDP_BYTES } from "../../wire/mod.ts";
import type { Source } from "../engine.ts";
import { privateBases, seconds } from "../restrictions.ts";

/** The longest floor that dnsmasq takes, in s. */
const LONGEST_FLOOR = 3600;
/** How many answers are kept: more, and dnsmasq warns. */
const CACHE_SIZE = 10_000;

/** Reserved addresses that `stop-dns-rebind` does not know. */
export const NOT_REBOUND = [
  "100.64.0.0/10",
  "192.0.0.0/24",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/32",
  "2001:2::/48",
  "5f00::/16",
  "fc00::/8",
  "ff00::/8",
];

/** The addresses that dnsmasq listens at: it has one port for all. */
export function listened({ listen: { addresses } }: Policy): Policy["listen"]["addresses"] {
  return addresses.filter(({ port }) => port === addresses[0]?.port);
}

/** The lines but for those of names and types. */
export function* settingLines(source: Source): Generator<string> {
  const { policy } = source;
  const addresses = listened(policy);
  yield `port=${addresses[0]?.port ?? 0}\n`;
  yield* addresses.map(({ hostname }) => `listen-address=${hostname}\n`);
  yield `bind-interfaces
# Nothing but what stands here: no other servers, no names of this host's, no statistics.
no-resolv
no-poll
no-hosts
no-ident
strict-order
dns-forward-max=${policy.query.inFlight}
edns-packet-max=${MAX_UDP_BYTES}
strip-subnet
strip-mac
cache-size=${CACHE_SIZE}
min-cache-ttl=${Math.min(seconds(policy.cache.minTtl), LONGEST_FLOOR)}
max-cache-ttl=${seconds(policy.cache.maxTtl)}
# Answers with addresses that are not for the Internet are emptied.
stop-dns-rebind
`;
  yield* privateLines(source);
}

function* privateLines(source: Source): Generator<string> {
  const bases = privateBases(source);
  for (const base of bases) yield `rebind-domain-ok=/${base}/\n`;
  if (bases.size > 0) return;
  for (const range of NOT_REBOUND) yield `bogus-nxdomain=${range}\n`;
}
