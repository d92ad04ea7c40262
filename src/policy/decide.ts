/** The one function that decides what a question gets. */

import { type Answer, isPlain, type Question } from "../wire/mod.ts";
import type { Policy } from "./model.ts";
import type { Rule } from "./rule.ts";
import { answerSpecial, isAboveSpecial } from "./special.ts";

/** Why a name is not allowed. */
export type DenyReason = "unlisted" | "expired" | "malformed" | "budget";

/** Nothing lets it through. */
export interface Denied {
  readonly kind: "deny";
  readonly reason: DenyReason;
  /** Whether a name that is answered lies below it. */
  readonly isAncestor: boolean;
}

/** What a question gets. */
export type Decision =
  /** A listed name and a listed type: it may be resolved. */
  | { readonly kind: "allow"; readonly rule: Rule }
  /** A listed name, but a type that its rule does not list. */
  | { readonly kind: "type"; readonly rule: Rule }
  /** A special name: the answer is made here. */
  | { readonly kind: "special"; readonly rule: string; readonly answer: Answer }
  | Denied;

/** Decides about a question at a time (ms since 1970). The most specific rule alone counts. */
export function decide(policy: Policy, question: Question, now: number): Decision {
  const special = answerSpecial(question);
  if (special !== undefined) return { kind: "special", ...special };

  let hasExpired = false;
  const rule = policy.rules.find(question.name, (candidate) => {
    const isLive = candidate.expires === undefined || now < candidate.expires;
    hasExpired ||= !isLive;
    return isLive;
  });
  if (rule === undefined) return deny(policy, question, hasExpired ? "expired" : "unlisted");
  // What a wildcard lets through has letters, digits, `-` and `_` in its labels.
  if (!isPlain(question.name)) return deny(policy, question, "malformed");
  if (!rule.types.has(question.type)) return { kind: "type", rule };
  return { kind: "allow", rule };
}

/** A refusal of a question: by no rule, or because the budget for names below wildcards is used up. */
export function deny(policy: Policy, question: Question, reason: DenyReason): Denied {
  const isAncestor = policy.rules.isAncestor(question.name) || isAboveSpecial(question.name);
  return { kind: "deny", reason, isAncestor };
}

/** Whether a client gets data for the question, from upstream or from here. */
export function isAllowed(decision: Decision): boolean {
  return decision.kind === "allow" ||
    (decision.kind === "special" && decision.answer.data.length > 0);
}
