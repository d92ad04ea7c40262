/** The one function that decides what a question gets. */

import { type Answer, WireName } from "../wire/mod.ts";
import { findLearnRule, isLearning } from "./learn.ts";
import type { Policy } from "./model.ts";
import type { Rule } from "./rule.ts";
import { answerSpecial, isAboveSpecial } from "./special.ts";

/** Why a name is not allowed. */
export type DenyReason = "unlisted" | "expired" | "malformed" | "budget";

/** Nothing lets it through. */
export interface Denied {
  readonly kind: "deny";
  readonly reason: DenyReason;
  /** Whether a name that is answered lies below it; only known where the policy answers NXDOMAIN. */
  readonly isAncestor: boolean;
}

/** What a question gets. */
export type Decision =
  /** A listed name and a listed type, or a name that is learned: it may be resolved. */
  | { readonly kind: "allow"; readonly rule: Rule }
  /** A listed name, but a type that its rule does not list. */
  | { readonly kind: "type"; readonly rule: Rule }
  /** A special name: the answer is made here. */
  | { readonly kind: "special"; readonly rule: string; readonly answer: Answer }
  | Denied;

/** What is asked, in the form that decisions go by. */
export interface Asked {
  readonly wire: WireName;
  readonly type: number;
}

/** The same from text, as `wire/name.ts` writes a name. Throws where it is none. */
export function asked({ name, type }: { readonly name: string; readonly type: number }): Asked {
  return { wire: WireName.of(name), type };
}

/** Decides about a question at a time (ms since 1970). The most specific rule alone counts. */
export function decide(policy: Policy, { wire, type }: Asked, now: number): Decision {
  const special = answerSpecial(wire, type);
  if (special !== undefined) return { kind: "special", ...special };
  let rule = policy.rules.find(wire, now);
  if (rule === undefined) {
    // What had a rule that ended is nothing new.
    if (policy.rules.find(wire, -Infinity) !== undefined) return deny(policy, wire, "expired", now);
    rule = findLearnRule(policy.learn, wire, type, now);
    if (rule === undefined) return deny(policy, wire, "unlisted", now);
  }
  // What a wildcard lets through has letters, digits, `-` and `_` in its labels.
  if (!wire.isPlain) return deny(policy, wire, "malformed", now);
  if (!rule.types.has(type)) return { kind: "type", rule };
  return { kind: "allow", rule };
}

/** A refusal of a name at a time (ms since 1970): by no rule, or because a budget of names that clients choose is used up. */
export function deny(policy: Policy, wire: WireName, reason: DenyReason, now: number): Denied {
  if (policy.unlisted !== "nxdomain") return { kind: "deny", reason, isAncestor: false };
  // While names are learned, one may be answered below any other.
  const isAncestor = policy.rules.isAncestor(wire) || isAboveSpecial(wire) ||
    isLearning(policy.learn, now);
  return { kind: "deny", reason, isAncestor };
}

/** Whether a client gets data for the question, from upstream or from here. */
export function isAllowed(decision: Decision): boolean {
  return decision.kind === "allow" ||
    (decision.kind === "special" && decision.answer.data.length > 0);
}
