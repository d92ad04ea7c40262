/** What a query comes to: the answer to send, or none, and what the log says of it. */

import type { Reason, Verdict } from "../observe/event.ts";
import {
  type Decision,
  type Denied,
  type DenyReason,
  isLearnRule,
  type Rule,
  type UnlistedAction,
} from "../policy/mod.ts";
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
  readonly rule: string | undefined;
  readonly upstream: string | undefined;
  readonly cached: boolean | undefined;
  /** When the answer came, in ms of the monotonic clock; undefined: it was made here and now. */
  readonly since: number | undefined;
  /** Which of its records stands first, as a running number. */
  readonly turn: number;
}

const REFUSED = negativeAnswer(RCODE.REFUSED, 0, EXTENDED_ERROR.BLOCKED);
const NXDOMAIN = negativeAnswer(RCODE.NXDOMAIN, LOCAL_NEGATIVE_TTL, EXTENDED_ERROR.BLOCKED);
const NODATA = negativeAnswer(RCODE.NOERROR, LOCAL_NEGATIVE_TTL, EXTENDED_ERROR.BLOCKED);
const NO_ANSWER = negativeAnswer(RCODE.SERVFAIL, 0, EXTENDED_ERROR.NO_REACHABLE_AUTHORITY);
const OVERLOAD = negativeAnswer(RCODE.SERVFAIL, 0);

/** What packets come to that nothing is said to, by the reason. */
export const DROPPED: Readonly<Record<"client" | "malformed" | DenyReason, Outcome>> = forEach(
  ["client", "malformed", "unlisted", "expired", "budget"],
  (reason) => outcome("drop", reason, undefined),
);

type SaidReason = Exclude<DenyReason, "malformed">;
const SAID: readonly SaidReason[] = ["unlisted", "expired", "budget"];

/** What is said where a name is not let through: made once, because a flood gets one a query. */
const DENIED = {
  refuse: forEach(SAID, (reason) => outcome("refuse", reason, REFUSED)),
  nodata: forEach(SAID, (reason) => outcome("nodata", reason, NODATA)),
  nxdomain: forEach(SAID, (reason) => outcome("nxdomain", reason, NXDOMAIN)),
};

function forEach<R extends Reason>(
  reasons: readonly R[],
  make: (reason: R) => Outcome,
): Readonly<Record<R, Outcome>> {
  return Object.fromEntries(reasons.map((reason) => [reason, make(reason)])) as Record<R, Outcome>;
}

/** All outcomes have the same fields in the same order: the engine is quick with what always looks the same. */
function outcome(
  verdict: Verdict,
  reason: Reason,
  answer: Answer | undefined,
  rule?: string,
  cached?: boolean,
  upstream?: string,
  since?: number,
  turn = 0,
): Outcome {
  return { verdict, reason, answer, rule, upstream, cached, since, turn };
}

/** What a question comes to that needs no upstream. */
export function decidedHere(
  decision: Exclude<Decision, { kind: "allow" }>,
  unlisted: UnlistedAction,
): Outcome {
  switch (decision.kind) {
    case "special":
      return outcome("serve", "listed", decision.answer, decision.rule);
    case "type":
      return outcome("nodata", "type", NODATA, decision.rule.name);
    case "deny":
      return denied(decision, unlisted);
  }
}

function denied({ reason, isAncestor }: Denied, unlisted: UnlistedAction): Outcome {
  if (reason === "malformed" || unlisted === "drop") return DROPPED[reason];
  if (unlisted === "refused") return DENIED.refuse[reason];
  // A name above a listed one exists: NXDOMAIN would deny all below it (RFC 8020 2).
  return (isAncestor ? DENIED.nodata : DENIED.nxdomain)[reason];
}

/** What the log calls a rule; no rule has a name that is learned. */
export function nameOf(rule: Rule): string | undefined {
  return isLearnRule(rule) ? undefined : rule.name;
}

/** What an allowed question comes to. `waited`: the client waited for an upstream. */
export function resolved(resolution: Answered | Failed, rule: Rule, waited: boolean): Outcome {
  if (resolution.kind === "failure") {
    const { reason } = resolution;
    const answer = reason === "overload" ? OVERLOAD : NO_ANSWER;
    return outcome("servfail", reason, answer, nameOf(rule), !waited && reason === "upstream");
  }
  const { answer, upstream, since } = resolution;
  const isFiltered = answer.extendedError === EXTENDED_ERROR.FILTERED;
  const isNew = waited && since !== undefined;
  return outcome(
    isFiltered ? "nodata" : isNew ? "forward" : "serve",
    isFiltered ? "filtered" : isLearnRule(rule) ? "unlisted" : "listed",
    answer,
    nameOf(rule),
    !isNew,
    upstream.name,
    since,
    resolution.turns++,
  );
}
