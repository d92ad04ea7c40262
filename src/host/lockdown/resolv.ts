/** `lockdown --to resolv`. */

import type { PathProblem, Policy } from "../../policy/mod.ts";

/** The text, with the line's end after each line; or why there can be none. */
export function formatResolv(_policy: Policy): string | PathProblem {
  throw new Error("Cannot write this yet");
}
