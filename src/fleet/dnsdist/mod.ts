/** A policy for dnsdist. */

import type { Engine } from "../engine.ts";

/** dnsdist. */
export const DNSDIST: Engine = {
  title: "dnsdist",
  comment: "--",
  notes: () => [],
  write: () => [],
};
