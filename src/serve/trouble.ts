/** Words for why addresses cannot be admitted, and what to do about it. */

import { ADMIT_SOCKET, type Trouble } from "../admit/mod.ts";
import type { Rule } from "../policy/mod.ts";
import { MOST_OF_RULE } from "./shares.ts";

const WORDS: Readonly<Record<Exclude<Trouble, "gone">, string>> = {
  silent: "the helper fw-dns-admit takes too long: see what keeps it, or nft, busy",
  busy: "the helper fw-dns-admit has too much to do",
  full: "the packet filter's set is full: wait until some addresses expire, or lower cache.stale",
  ruleset:
    "the packet filter has no sets for them: load the ruleset that fw-dns lockdown --to nft --resolved-only prints",
  failed: "nft failed: the log of the helper fw-dns-admit says why",
  malformed:
    "the helper fw-dns-admit does not understand: install the one that belongs to this fw-dns",
  reserved: "the helper fw-dns-admit refuses them: install the one that belongs to this fw-dns",
};

/** A warning. `error` is what connecting to the helper met, where it was that. */
export function explainTrouble(trouble: Trouble, error: unknown): string {
  const why = trouble === "gone" ? explainGone(error) : WORDS[trouble];
  return `Addresses cannot be let through the packet filter, so clients get no answer: ${why}`;
}

/** A warning about a rule that has taken all that it may. */
export function explainShare({ name }: Rule): string {
  return `${name} has had ${MOST_OF_RULE} addresses let through the packet filter, which is all that one rule ` +
    "may have at a time, so clients get no answer with others: see who runs that zone, or lower cache.stale";
}

function explainGone(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  switch (name) {
    case "NotCapable":
      return `the permissions of this program do not cover ${ADMIT_SOCKET}: give it those of fw-dns permissions --resolved-only`;
    case "PermissionDenied":
      return `this user may not connect to ${ADMIT_SOCKET}: run the helper fw-dns-admit with the group of run_as`;
    case "":
    case "NotFound":
    case "ConnectionRefused":
      return "the helper fw-dns-admit is not there: start it";
    default:
      return `cannot connect to ${ADMIT_SOCKET}: ${message}`;
  }
}
