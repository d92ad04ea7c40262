/** What a query comes to: the answer to send, or none, and what the log says of it. */

import type { Reason, Verdict } from "../observe/event.ts";
import type { Decision, Denied, UnlistedAction } from "../policy/mod.ts";
import type { Answered, Failed } from "../resolve/mod.ts";
import {
  type Answer,
  EXTENDED_ERROR,
  LOCAL_NEGATIVE_TTL,
  negativeAnswer,
  RCODE,
} from "../wire/mod.ts";

/** What a query comes to. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly reason: Reason;
  /** What the client is told; undefined: nothing. */
  readonly answer: Answer | undefined;
  /** The rule that matched, or the special name. */
  readonly rule?: string;
  readonly upstream?: string;
  readonly cached?: boolean;
  /** When the answer came, in ms of the monotonic clock; undefined: it was made here and now. */
  readonly since?: number | undefined;
  readonly turn?: number;
}

const REFUSED = negativeAnswer(RCODE.REFUSED, 0, EXTENDED_ERROR.BLOCKED);
const NXDOMAIN = negativeAnswer(RCODE.NXDOMAIN, LOCAL_NEGATIVE_TTL, EXTENDED_ERROR.BLOCKED);
const NODATA = negativeAnswer(RCODE.NOERROR, LOCAL_NEGATIVE_TTL, EXTENDED_ERROR.BLOCKED);
const NO_ANSWER = negativeAnswer(RCODE.SERVFAIL, 0, EXTENDED_ERROR.NO_REACHABLE_AUTHORITY);
const OVERLOAD = negativeAnswer(RCODE.SERVFAIL, 0);

/** What a packet that nothing is said to comes to. */
export function dropped(reason: Reason): Outcome {
  return { verdict: "drop", reason, answer: undefined };
}

/** What a question comes to that needs no upstream. */
export function decidedHere(
  decision: Exclude<Decision, { kind: "allow" }>,
  unlisted: UnlistedAction,
): Outcome {
  switch (decision.kind) {
    case "special":
      return { verdict: "serve", reason: "listed", answer: decision.answer, rule: decision.rule };
    case "type":
      return {
        verdict: "nodata",
        reason: "type",
        answer: NODATA,
        rule: decision.rule.name,
      };
    case "deny":
      return denied(decision, unlisted);
  }
}

function denied(
  { reason, isAncestor }: Denied,
  unlisted: UnlistedAction,
): Outcome {
  if (reason === "malformed" || unlisted === "drop") return dropped(reason);
  if (unlisted === "refused") return { verdict: "refuse", reason, answer: REFUSED };
  // A name above a listed one exists: NXDOMAIN would deny all below it (RFC 8020 2).
  if (isAncestor) return { verdict: "nodata", reason, answer: NODATA };
  return { verdict: "nxdomain", reason, answer: NXDOMAIN };
}

/** What an allowed question comes to. `waited`: the client waited for an upstream. */
export function resolved(
  resolution: Answered | Failed,
  rule: string,
  waited: boolean,
): Outcome {
  if (resolution.kind === "failure") {
    const { reason } = resolution;
    const answer = reason === "overload" ? OVERLOAD : NO_ANSWER;
    return { verdict: "servfail", reason, answer, rule, cached: !waited && reason === "upstream" };
  }
  const { answer, upstream, since } = resolution;
  const isFiltered = answer.extendedError === EXTENDED_ERROR.FILTERED;
  const isNew = waited && since !== undefined;
  return {
    verdict: isFiltered ? "nodata" : isNew ? "forward" : "serve",
    reason: isFiltered ? "filtered" : "listed",
    answer,
    rule,
    upstream: upstream.name,
    cached: !isNew,
    since,
    turn: resolution.turns++,
  };
}
