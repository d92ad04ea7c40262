/** What the doctor tries, and what it finds. */

import type { System } from "../../system/mod.ts";

/**
 * Whether a way out is open. `unknown`: it could not be tried, which is never taken for closed. `note`: no way out
 * for DNS by itself, but worth to be known.
 */
export type State = "open" | "closed" | "unknown" | "note";

/** What came of a try. */
export interface Outcome {
  readonly state: State;
  /** Why, in a few words. */
  readonly note: string;
}

/** One way out, for people. */
export interface WayName {
  /** What kind of way it is, as in `UDP 53`. */
  readonly name: string;
  /** Where it leads. */
  readonly target: string;
  /** How to close it. */
  readonly mend: string;
}

/** A way out, and what came of trying it. */
export interface Finding extends WayName, Outcome {}

/** A way out that can be tried. */
export interface Way extends WayName {
  /** Never throws, and never takes longer than the limit. */
  attempt(tries: Tries): Promise<Outcome>;
}

/** What tries need of the machine. */
export interface Tries extends Pick<System, "network" | "random" | "clock"> {
  /** Ends them all. */
  readonly limit: AbortSignal;
}

/** The mends that more than one way has. */
export const MEND = {
  NFT: "fw-dns lockdown --to nft",
  LINK: "fw-dns lockdown --to nft; in a container or VM that loads no rules, from outside of it, " +
    "ip route add unreachable 224.0.0.0/4, and ff02::fb and ff02::1:3 with table local",
  RECURSOR: "fw-dns lockdown --to nft --recursor USER, with the account of that resolver",
  RESOLVED_ONLY: "fw-dns lockdown --to nft --resolved-only",
  RESOLV: "fw-dns lockdown --to resolv",
  LOCAL: "turn that resolver off, or hide it from all but fw-dns: fw-dns lockdown --to nft",
} as const;

/** What silence gets: nobody can tell a closed way from one with nobody at its end. */
export const SILENCE: Outcome = { state: "closed", note: "no answer" };

/** What an error of the system says about a way out. What is not known to mean "closed" does not. */
export function judgeError(error: unknown): Outcome {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === "NotCapable") {
    return { state: "unknown", note: "this program's permissions do not cover it" };
  }
  if (name === "PermissionDenied") return { state: "closed", note: "rejected by this host" };
  if (name === "ConnectionRefused" || name === "ConnectionReset") {
    return { state: "closed", note: "refused" };
  }
  if (name === "TimedOut") return SILENCE;
  if (name === "NetworkUnreachable" || name === "HostUnreachable" || code === "EHOSTUNREACH") {
    return { state: "closed", note: "no way there from here" };
  }
  if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") {
    return { state: "closed", note: "this host has no address to go there from" };
  }
  return { state: "unknown", note: `could not be tried: ${message ?? String(error)}` };
}

/** Tries one way out. */
export async function tryWay(way: Way, tries: Tries): Promise<Finding> {
  const { name, target, mend } = way;
  return { name, target, mend, ...await attemptSafely(way, tries) };
}

async function attemptSafely(way: Way, tries: Tries): Promise<Outcome> {
  try {
    return await way.attempt(tries);
  } catch (error) {
    return tries.limit.aborted ? SILENCE : judgeError(error);
  }
}
