/** Where Unbound sends the questions of a policy. */

import type { Policy, Upstream } from "../../policy/mod.ts";
import { liveRules, type Source } from "../engine.ts";
import { isLocal } from "../local.ts";
import { keyOf, writtenRules } from "../restrictions.ts";

/** The authorities that Debian believes, where a policy names none. */
const SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt";

/** A zone is asked for in one way: these go the way of the first one. */
export function inOneWay(upstreams: readonly Upstream[]): readonly Upstream[] {
  return upstreams.filter(({ transport }) => transport === upstreams[0]?.transport);
}

/** Whether Unbound has words for a path: a string of its configuration has no escapes. */
export function isWritablePath(path: string): boolean {
  return !/["\p{Cc}]/u.test(path);
}

/** The file of authorities that upstreams over TLS are to show certificates of, and how many a policy has of them. */
export function caFiles({ upstreams, files, rules }: Policy): { file: string; kinds: number } {
  const own = files.slice(rules.lists.length);
  const roots = upstreams.filter(({ tls }) => tls !== undefined).map(({ tls }) => tls!.roots);
  const kinds = new Set(roots.map((one) => one?.join("") ?? "")).size;
  return { file: own[0] ?? SYSTEM_CA, kinds };
}

/**
 * The zones to forward. Every question that Unbound asks for itself, such as for the end of a CNAME, goes to the
 * policy's upstreams too: what clients may ask for is the local zones' affair.
 */
export function* forwardZones(source: Source): Generator<string> {
  const { upstreams } = source.policy;
  yield forwardZone(".", upstreams);
  const all = keyOf(upstreams);
  const others = new Set<string>();
  for (const rule of writtenRules(source)) {
    if (keyOf(rule.upstreams) !== all) others.add(rule.pattern.base);
  }
  if (others.size === 0) return;
  const seen = new Set<string>();
  for (const rule of liveRules(source)) {
    const { pattern: { base }, upstreams } = rule;
    if (seen.has(base) || isLocal(rule) || !hasSelfOrAncestor(base, others)) continue;
    seen.add(base);
    yield forwardZone(`${base}.`, upstreams);
  }
}

function hasSelfOrAncestor(base: string, names: ReadonlySet<string>): boolean {
  for (let start = 0;; start = base.indexOf(".", start) + 1) {
    if (names.has(base.slice(start))) return true;
    if (base.indexOf(".", start) < 0) return false;
  }
}

function forwardZone(name: string, upstreams: readonly Upstream[]): string {
  const some = inOneWay(upstreams);
  const way = some[0]?.transport ?? "udp";
  const addresses = some.map(({ address: { hostname, port }, tls }) =>
    `  forward-addr: ${hostname}@${port}${tls === undefined ? "" : `#${tls.name}`}\n`
  );
  return [
    `forward-zone:\n  name: "${name}"\n`,
    way === "udp" ? "" : `  forward-${way === "tls" ? "tls" : "tcp"}-upstream: yes\n`,
    ...addresses,
    "  forward-first: no\n",
  ].join("");
}
