/** What resolving has in common: questions that may be asked, and how they come out. */

import type { Rule, Upstream } from "../policy/mod.ts";
import type { Answer, Question } from "../wire/mod.ts";

/** An answer, and where it came from. */
export interface Answered {
  readonly kind: "answer";
  readonly answer: Answer;
  /** Who gave it. */
  readonly upstream: Upstream;
  /** When it came, in ms of the monotonic clock: its TTL counts from then. Undefined: its TTL stands still. */
  readonly since: number | undefined;
  /** How often it has been handed out: its records are turned by one each time. */
  turns: number;
}

/** There is no answer: the upstreams all failed, or too much is under way. */
export interface Failed {
  readonly kind: "failure";
  readonly reason: "upstream" | "overload";
}

/** The budget of names below wildcards is used up: this one counts as unlisted. */
export interface OverBudget {
  readonly kind: "budget";
}

/** How a question came out. */
export type Resolution = Answered | Failed | OverBudget;

/**
 * An answer for an allowed question, at once where it is at hand. `client` is the IP address of who asks: it counts
 * for shares of what is scarce, and never for what goes upstream. `now` is the time, in ms of the monotonic clock.
 * `question` may change once this has returned. Never throws and never rejects.
 */
export type Resolve = (
  question: Question,
  rule: Rule,
  client: string,
  now: number,
) => Resolution | Promise<Resolution>;

/** The upstreams have no answer. */
export const NO_ANSWER: Failed = { kind: "failure", reason: "upstream" };

/** Too much is under way. */
export const OVERLOAD: Failed = { kind: "failure", reason: "overload" };

/** No more names below wildcards may be asked for now. */
export const OVER_BUDGET: OverBudget = { kind: "budget" };

/** Whether an answer comes from one of the upstreams of a rule. */
export function comesFrom({ upstream }: Answered, { upstreams }: Rule): boolean {
  return upstreams.some(({ key }) => key === upstream.key);
}
