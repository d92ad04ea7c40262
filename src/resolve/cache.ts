/** Answers that are kept for as long as their TTL says. */

import { LRUCache } from "lru-cache";
import { MAX_TTL } from "../policy/mod.ts";
import type { Clock } from "../system/mod.ts";
import { questionKey, type Resolution, type Resolve } from "./resolution.ts";

/** The most answers that are kept. */
export const CACHE_SIZE = 10_000;

/** The most memory that they take, in bytes. */
export const CACHE_BYTES = 32 * 1024 * 1024;

/** What a record, a key and an entry take besides their data, in bytes; rather too much. */
const OVERHEAD_BYTES = 256;

/** How long it is remembered that no upstream had an answer, in ms (RFC 9520 3.2: at least 1 s). */
export const FAILURE_TIME = 1000;

interface Entry {
  readonly resolution: Resolution;
  /** In ms of the monotonic clock. */
  readonly expires: number;
}

/** Two layers around one store: `serve` looks up, `store` fills. What stands between them sees misses alone. */
export class AnswerCache {
  // Expiry is kept here: the library takes an entry of time 0 for one that never expires.
  readonly #entries = new LRUCache<string, Entry>({
    max: CACHE_SIZE,
    maxSize: CACHE_BYTES,
    sizeCalculation: sizeOf,
  });

  constructor(readonly clock: Clock) {}

  /** Answers from the store, at once, or else from `next`. */
  serve(next: Resolve): Resolve {
    return (question, rule) => {
      const entry = this.#entries.get(questionKey(question, rule));
      if (entry !== undefined && this.clock.monotonic() < entry.expires) return entry.resolution;
      return next(question, rule);
    };
  }

  /** Keeps what comes from `next`. */
  store(next: Resolve): Resolve {
    return async (question, rule) => {
      const resolution = withTtlLimits(await next(question, rule), rule.minTtl);
      const keep = keepTime(resolution);
      if (keep > 0) {
        const expires = this.clock.monotonic() + keep;
        this.#entries.set(questionKey(question, rule), { resolution, expires });
      }
      return resolution;
    };
  }
}

/** In bytes, roughly. */
function sizeOf({ resolution }: Entry, key: string): number {
  const records = resolution.kind === "answer"
    ? [...resolution.answer.chain, ...resolution.answer.data]
    : [];
  return records.reduce(
    (sum, data) => sum + data.length + OVERHEAD_BYTES,
    key.length + OVERHEAD_BYTES,
  );
}

function withTtlLimits(resolution: Resolution, minTtl: number): Resolution {
  if (resolution.kind === "failure") return resolution;
  const least = resolution.answer.data.length > 0 ? minTtl : 0;
  const ttl = Math.min(Math.max(resolution.answer.ttl, least), MAX_TTL);
  return { ...resolution, answer: { ...resolution.answer, ttl } };
}

/** In ms. */
function keepTime(resolution: Resolution): number {
  if (resolution.kind === "answer") return resolution.answer.ttl * 1000;
  return resolution.reason === "upstream" ? FAILURE_TIME : 0;
}
