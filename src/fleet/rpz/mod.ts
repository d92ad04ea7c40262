/** A policy for a Response Policy Zone. */

import type { Engine } from "../engine.ts";

/** a Response Policy Zone. */
export const RPZ: Engine = {
  title: "a Response Policy Zone",
  comment: ";",
  notes: () => [],
  write: () => [],
};
