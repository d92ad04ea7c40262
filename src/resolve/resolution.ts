/** What every layer of resolution has in common. */

import type { Rule } from "../policy/mod.ts";
import type { Answer, Question } from "../wire/mod.ts";

/** An answer, and where it came from. */
export interface Answered {
  readonly kind: "answer";
  readonly answer: Answer;
  /** The name of the upstream that gave it. */
  readonly upstream: string;
  /** When it came, in ms of the monotonic clock: its TTL counts from then. */
  readonly since: number;
  /** How often it has been handed out: its records are turned by one each time. */
  turns: number;
}

/** There is no answer: the upstreams all failed, or too much is under way already. */
export interface Failed {
  readonly kind: "failure";
  readonly reason: "upstream" | "overload";
}

/** How a question came out. */
export type Resolution = Answered | Failed;

/**
 * One layer: an answer for an allowed question, at once where it is at hand. Layers wrap layers. It never
 * throws and never rejects.
 */
export type Resolve = (question: Question, rule: Rule) => Resolution | Promise<Resolution>;

/** One name for one question by way of one rule: after a rule has expired, its answers are nobody's. */
export function questionKey({ name, type }: Question, rule: Rule): string {
  return `${rule.name} ${type} ${name}`;
}
