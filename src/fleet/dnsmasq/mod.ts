/** A policy for dnsmasq. */

import type { Engine } from "../engine.ts";

/** dnsmasq. */
export const DNSMASQ: Engine = {
  title: "dnsmasq",
  comment: "#",
  notes: () => [],
  write: () => [],
};
