/** The names of a policy as dnsmasq's servers. */

import type { UnlistedAction, Upstream } from "../../policy/mod.ts";
import { WireName } from "../../wire/mod.ts";
import { liveRules, type Source } from "../engine.ts";
import { isLocal, LOOPBACK_NAMES, LOOPBACK_ZONE } from "../local.ts";
import { wildcards } from "../restrictions.ts";

/** The upstreams that dnsmasq can ask: not those over TLS, which it would ask in the open. */
export function askable(upstreams: readonly Upstream[]): readonly Upstream[] {
  return upstreams.filter(({ transport }) => transport !== "tls");
}

/** What is answered locally whatever the policy says. */
export function* localNames(unlisted: UnlistedAction): Generator<string> {
  yield "# Answered locally (RFC 6761, Firefox's canary, RFC 9462).\n";
  yield "address=/localhost/127.0.0.1\naddress=/localhost/::1\n";
  for (const name of LOOPBACK_NAMES) yield `ptr-record=${name},localhost\n`;
  yield "local=/use-application-dns.net/\nlocal=/resolver.arpa/\n";
  yield closed(LOOPBACK_ZONE, unlisted);
  if (unlisted !== "nxdomain") return;
  yield "# What is not listed.\naddress=/#/\n";
}

/**
 * The servers of each name. What stands for all names below one has a star and a dot in front, so that it is longer than
 * the name itself, and goes before it: that closes what lies below an exact name, and leaves out the base of a wildcard.
 */
export function* listedNames(source: Source): Generator<string> {
  const { policy: { unlisted, rules }, now } = source;
  const bases = new Set<string>();
  for (const { pattern: { base } } of wildcards(source)) bases.add(base);
  const written = new Set<string>();
  for (const rule of liveRules(source)) {
    const { pattern: { base, reach }, upstreams } = rule;
    if (isLocal(rule)) continue;
    if (reach === "exact") {
      yield opened(base, upstreams, unlisted);
      if (bases.has(base)) continue;
      const wider = bases.size > 0 ? rules.findWider("one", WireName.of(base), now) : undefined;
      yield opened(`*.${base}`, wider?.upstreams ?? [], unlisted);
    } else if (!written.has(base)) {
      written.add(base);
      yield opened(`*.${base}`, upstreams, unlisted);
    }
  }
}

function opened(name: string, upstreams: readonly Upstream[], unlisted: UnlistedAction): string {
  const some = askable(upstreams);
  if (some.length === 0) return closed(name, unlisted);
  return some.map(({ address: { hostname, port } }) => `server=/${name}/${hostname}#${port}\n`)
    .join("");
}

/** With `#` for a server it is one of the standard ones, of which there are none: REFUSED. */
function closed(name: string, unlisted: UnlistedAction): string {
  return unlisted === "nxdomain" ? `local=/${name}/\n` : `server=/${name}/#\n`;
}
