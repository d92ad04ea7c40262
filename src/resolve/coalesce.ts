/** Many clients with one question: it is asked once. And no more is under way than the policy lets. */

import { questionKey, type Resolution, type Resolve } from "./resolution.ts";

const OVERLOAD: Resolution = { kind: "failure", reason: "overload" };

interface UnderWay {
  readonly resolution: Promise<Resolution>;
  waiting: number;
}

/**
 * The layer that lets all who ask the same wait for one answer. At most `most` may, so that those who ask for
 * one silent name do not crowd out all others.
 */
export function coalesce(most: number, next: Resolve): Resolve {
  const underWay = new Map<string, UnderWay>();
  return (question, rule) => {
    const key = questionKey(question, rule);
    const known = underWay.get(key);
    if (known !== undefined) {
      if (known.waiting >= most) return OVERLOAD;
      known.waiting++;
      return known.resolution;
    }
    const result = next(question, rule);
    if (!(result instanceof Promise)) return result;
    const resolution = result.finally(() => underWay.delete(key));
    underWay.set(key, { resolution, waiting: 1 });
    return resolution;
  };
}

/**
 * The layer that lets at most `most` questions be under way; any further one fails at once. Below wildcards
 * clients can make up names, so these have half of the places: exact names always find one.
 */
export function limitInFlight(most: number, next: Resolve): Resolve {
  const mostOfWildcards = Math.ceil(most / 2);
  let all = 0;
  let wildcards = 0;
  return (question, rule) => {
    const isWildcard = rule.pattern.reach !== "exact";
    if (all >= most || (isWildcard && wildcards >= mostOfWildcards)) return OVERLOAD;
    const resolution = next(question, rule);
    if (!(resolution instanceof Promise)) return resolution;
    all++;
    if (isWildcard) wildcards++;
    return resolution.finally(() => {
      all--;
      if (isWildcard) wildcards--;
    });
  };
}
