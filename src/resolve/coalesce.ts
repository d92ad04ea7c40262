/** Many clients with one question: it is asked once. And no more questions are under way than the policy lets. */

import { questionKey, type Resolution, type Resolve } from "./resolution.ts";

/** The layer that lets all who ask the same wait for one answer. */
export function coalesce(next: Resolve): Resolve {
  const underWay = new Map<string, Promise<Resolution>>();
  return (question, rule) => {
    const key = questionKey(question);
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const resolution = next(question, rule);
    if (!(resolution instanceof Promise)) return resolution;
    const shared = resolution.finally(() => underWay.delete(key));
    underWay.set(key, shared);
    return shared;
  };
}

/** The layer that lets at most `most` questions be under way; any further one fails at once. */
export function limitInFlight(most: number, next: Resolve): Resolve {
  let count = 0;
  return (question, rule) => {
    if (count >= most) return { kind: "failure", reason: "overload" };
    const resolution = next(question, rule);
    if (!(resolution instanceof Promise)) return resolution;
    count++;
    return resolution.finally(() => count--);
  };
}
