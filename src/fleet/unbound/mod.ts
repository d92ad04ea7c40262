/** A policy for Unbound. */

import type { Engine } from "../engine.ts";

/** Unbound. */
export const UNBOUND: Engine = {
  title: "Unbound",
  comment: "#",
  notes: () => [],
  write: () => [],
};
