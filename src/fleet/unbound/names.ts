/** The names of a policy as Unbound's local zones. */

import type { UnlistedAction } from "../../policy/mod.ts";
import { MAX_NAME_BYTES, WireName } from "../../wire/mod.ts";
import { liveRules, type Source } from "../engine.ts";
import { isLocal, LOOPBACK_NAMES, LOOPBACK_ZONE } from "../local.ts";
import { wildcards } from "../restrictions.ts";

/** The view that lets exact names through. */
export const VIEW = "listed";

/** What Unbound calls that which a name on no rule gets. */
const ZONE_TYPE: Readonly<Record<UnlistedAction, string>> = {
  drop: "deny",
  refused: "refuse",
  nxdomain: "static",
};

/** A type of private use (RFC 6895 3.1): of a name that has it alone, all other types are NODATA. */
const MARK = "10 IN TYPE65534 \\# 0";

/** Names that are answered locally, for {@linkcode localZones} to tell what lies above them. */
const SPECIAL = ["localhost", "use-application-dns.net", "resolver.arpa", ...LOOPBACK_NAMES];

/** Zones that Unbound has from the start, and that are to be as the rest (but those of private addresses). */
const DEFAULTS = ["home.arpa", "onion", "test", "invalid"];

function zone(name: string, type: string): string {
  return `  local-zone: "${name}." ${type}\n`;
}

function data(name: string, rest: string): string {
  return `  local-data: "${name === "" ? "" : name}. ${rest}"\n`;
}

/** An SOA with the TTL of negative answers. */
function soa(name: string): string {
  return data(name, "10 IN SOA fw-dns.invalid. nobody.invalid. 1 3600 600 86400 10");
}

/** What nothing else covers, and what is answered locally whatever the policy says. */
export function* localZones(unlisted: UnlistedAction): Generator<string> {
  const type = ZONE_TYPE[unlisted];
  yield "  # What is not listed, in class IN and in class ANY, which would else pass for no class at all.\n";
  yield zone("", type) + data("", "CLASS255 TXT unlisted");
  if (unlisted === "nxdomain") yield soa("");
  for (const name of DEFAULTS) yield zone(name, "nodefault");
  yield "  # Answered locally (RFC 6761, Firefox's canary, RFC 9462).\n";
  yield zone("localhost", "redirect") + soa("localhost");
  yield data("localhost", "86400 IN A 127.0.0.1") + data("localhost", "86400 IN AAAA ::1");
  yield zone(LOOPBACK_ZONE, type);
  for (const name of LOOPBACK_NAMES) {
    yield zone(name, "static") + soa(name) + data(name, "86400 IN PTR localhost.");
  }
  yield zone("use-application-dns.net", "always_nxdomain") + soa("use-application-dns.net");
  yield zone("resolver.arpa", "always_nodata") + soa("resolver.arpa");
}

/** Opens what lies below the bases of wildcards. The base is NODATA, unless a wildcard lists it or the view does. */
export function* wildcardZones(source: Source): Generator<string> {
  const { policy: { rules }, now } = source;
  const seen = new Set<string>();
  for (const { pattern: { base } } of wildcards(source)) {
    if (seen.has(base)) continue;
    seen.add(base);
    const isListed = rules.findWider("exact", WireName.of(base), now) !== undefined;
    yield zone(base, "transparent") + (isListed ? "" : soa(base));
  }
}

/** Where unlisted names do not exist: those above listed ones must not be said not to (RFC 8020 2). */
export function* ancestors(source: Source): Generator<string> {
  const { policy: { rules }, now } = source;
  const seen = new Set<string>(SPECIAL);
  for (const base of basesAndSpecial(source)) {
    for (let dot = base.indexOf("."); dot >= 0; dot = base.indexOf(".", dot + 1)) {
      const ancestor = base.slice(dot + 1);
      if (seen.has(ancestor)) break;
      seen.add(ancestor);
      if (rules.find(WireName.of(ancestor), now) === undefined) yield data(ancestor, MARK);
    }
  }
}

function* basesAndSpecial(source: Source): Generator<string> {
  yield* SPECIAL;
  for (const rule of liveRules(source)) if (!isLocal(rule)) yield rule.pattern.base;
}

/**
 * The view's zones: one for each exact name. What such a zone holds is a name below, so that its own name is an empty
 * non-terminal: that alone is in the view, and passes; names below are not, and get what the zones outside say.
 */
export function* viewZones(source: Source): Generator<string> {
  for (const rule of liveRules(source)) {
    const { reach, base } = rule.pattern;
    if (reach !== "exact" || isLocal(rule)) continue;
    const marker = markerOf(base, source);
    if (marker !== undefined) yield zone(base, "transparent") + data(marker, MARK);
  }
}

/** A new one for each of a million names takes longer than all else. */
const scratch = new WireName();

/** A name below an exact one that is not itself listed; undefined where there is no room for one. */
export function markerOf(base: string, { policy: { rules } }: Source): string | undefined {
  for (let label = "_"; `${label}.${base}`.length + 2 <= MAX_NAME_BYTES; label += "_") {
    const marker = `${label}.${base}`;
    if (rules.findExact(scratch.readText(marker)) === undefined) return marker;
  }
  return undefined;
}
