/** A policy as a Response Policy Zone, for any number of resolvers. */

import type { Engine } from "../engine.ts";
import { addDifferences } from "./differences.ts";
import { zoneText } from "./zone.ts";

const NOTES = [
  "A Response Policy Zone: names of the list pass (rpz-passthru.), and * has all others.",
  "In force on BIND, Unbound, PowerDNS Recursor and Knot Resolver when each of them reads it and",
  "is set up as docs/fleet.md shows. By itself this file keeps nothing in: without those settings",
  "a resolver looks a name up first and judges it afterwards, or goes by no policy at all while",
  "it has no copy.",
  "",
  "  named-checkzone fw-dns.rpz FILE    looks it over (kzonecheck -o fw-dns.rpz FILE as well)",
  "",
  "Below each name that is written here stands a * of its own, as in any zone a * has nothing to",
  "say about what lies below a name that exists.",
  "",
  "What of a client's query still reaches the upstream, for a name that passes: which type it",
  "asks for, how often beyond the resolver's cache, and, as the resolver has it, its letter case",
  "and whether it asked for DNSSEC (DO, CD). The root itself is in no such zone: close it in the",
  "resolver. Floors, caches, ticks, listen, clients, query and the transport of upstreams are the",
  "resolver's own settings.",
  "Malformed queries, and special names beyond those at the end of this file, get what the",
  "resolver has for them; no upstream hears of them.",
];

/** A Response Policy Zone. */
export const RPZ: Engine = {
  title: "a Response Policy Zone",
  comment: ";",
  notes: () => NOTES,
  *write(source, differences) {
    addDifferences(source, differences);
    yield* zoneText(source, differences);
  },
};
