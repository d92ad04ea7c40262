/** How one question to one upstream can come out. */

import { isPortTaken } from "../system/mod.ts";
import type { Answer } from "../wire/mod.ts";

/** The question could not be sent, or the connection broke; `problem` is the system's word for it. */
export interface Unreachable {
  readonly kind: "unreachable";
  readonly problem: string;
  /** Whether this host was the reason: that says nothing about the upstream. */
  readonly isOurs?: boolean;
}

/** What the system said when a question could not be sent. */
export function unreachable(error: unknown): Unreachable {
  const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return isPortTaken(error)
    ? { kind: "unreachable", problem, isOurs: true }
    : { kind: "unreachable", problem };
}

/** How one question to one upstream came out. Silence is no outcome: the caller has a timer. */
export type Outcome =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** The upstream said that it has no answer. */
  | { readonly kind: "failure" }
  | Unreachable;

/** Calls off what is under way; no outcome follows. */
export type Cancel = () => void;
