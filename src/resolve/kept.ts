/** An answer in its slot: for how long it is fresh, and what is said when it is no longer. */

import { judgeAnswer, type Policy, type Rule } from "../policy/mod.ts";
import { type Answer, EXTENDED_ERROR, RCODE, recordsSize } from "../wire/mod.ts";
import type { Answered } from "./resolution.ts";

/** The TTL of an answer that is past its own, in s (RFC 8767 4). */
const STALE_TTL = 30;

/** When answers of a kind are asked for again; both in ms. */
export interface Upkeep {
  /** At what age an answer with this life is due for its refresh, where anything refreshes it. */
  readonly ageOf: (life: number) => number;
  /** How much longer than its life it has to last until its refresh is there. */
  readonly leadOf: (life: number) => number;
}

/** Over how long (ms) the refreshes of answers with a life (ms) are spread: a tenth of it, and `longest` (ms) at most. */
export function spreadOf(life: number, longest: number): number {
  return Math.min(life * 0.1, longest);
}

/** Nothing refreshes it: it is asked for when a client asks. */
export const ON_DEMAND: Upkeep = { ageOf: (life) => life, leadOf: () => 0 };

/** An answer, with the times at which it changes; in ms of the monotonic clock. */
export interface Kept {
  /** As it came, before it was judged. */
  readonly answered: Answered;
  /** When it was asked for, and when it came. */
  readonly asked: number;
  readonly came: number;
  readonly fresh: Answered;
  readonly freshUntil: number;
  readonly staleUntil: number;
  /** What {@linkcode staleOf} has made of it: most answers are refreshed, or forgotten, before they are stale. */
  stale: Answered | undefined;
  /** Its TTL within the limits of the policy, in ms. */
  readonly life: number;
  /** From when on it is to be refreshed, where anything refreshes it. */
  readonly refresh: number;
}

/** What it takes, besides an answer and its rule, to say how long to keep it. */
export interface Keeping {
  readonly cache: Policy["cache"];
  readonly upkeep: Upkeep;
}

/** Whether under both of them an answer is kept for as long, if its rule is the same. */
export function keepsAlike(a: Keeping, b: Keeping): boolean {
  return a.upkeep === b.upkeep && a.cache.maxTtl === b.cache.maxTtl &&
    a.cache.stale === b.cache.stale;
}

/**
 * Judges an answer by its rule and says how long to keep it. It is fresh for its TTL, but at least for the floor:
 * before that it cannot be asked for again. The refresh goes by when it was asked for, `asked`: when an answer is read
 * depends on how busy this process is.
 */
export function keep(
  answered: Answered,
  type: number,
  rule: Rule,
  { cache, upkeep }: Keeping,
  asked: number,
  came: number,
): Kept {
  const judged = judgeAnswer(rule, type, answered.answer);
  const life = Math.max(Math.min(judged.ttl * 1000, cache.maxTtl), rule.minTtl);
  const ttl = Math.floor(life / 1000);
  const answer = ttl === judged.ttl ? judged : { ...judged, ttl };
  const expires = came + life;
  const lead = upkeep.leadOf(life);
  return {
    answered,
    asked,
    came,
    // There is one for each name that is kept: what does not differ is not there twice.
    fresh: answer === answered.answer ? answered : { ...answered, answer },
    freshUntil: expires + lead,
    stale: undefined,
    staleUntil: cache.stale === 0 ? -Infinity : expires + Math.max(lead, cache.stale),
    life,
    refresh: asked + upkeep.ageOf(life),
  };
}

/** What is said of it when it is no longer fresh. */
export function staleOf(kept: Kept): Answered {
  const { fresh } = kept;
  return kept.stale ??= { ...fresh, answer: staleAnswer(fresh.answer), since: undefined };
}

/** The same answer, no longer fresh. */
export function lapsed(kept: Kept): Kept {
  return { ...kept, freshUntil: -Infinity };
}

/** The most memory that one takes, in bytes, roughly; rather too much. */
export function keptSize({ fresh: { answer } }: Kept): number {
  return 1024 + recordsSize(answer) + 128 * (answer.chain.length + answer.data.length);
}

/** RFC 8767 4 for the TTL, RFC 8914 4.4 and 4.20 for the extended error. */
function staleAnswer(answer: Answer): Answer {
  if (answer.extendedError !== undefined) return { ...answer, ttl: STALE_TTL };
  const extendedError = answer.rcode === RCODE.NXDOMAIN
    ? EXTENDED_ERROR.STALE_NXDOMAIN
    : EXTENDED_ERROR.STALE_ANSWER;
  return { ...answer, ttl: STALE_TTL, extendedError };
}
