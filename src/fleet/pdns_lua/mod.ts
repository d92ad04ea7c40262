/** A policy for PowerDNS Recursor. */

import type { Engine } from "../engine.ts";

/** PowerDNS Recursor. */
export const PDNS_LUA: Engine = {
  title: "PowerDNS Recursor",
  comment: "--",
  notes: () => [],
  write: () => [],
};
