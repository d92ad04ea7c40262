/** An independent count of the names that a wildcard has: by the bytes that are left, one label after another. */

import type { LabelSet, NamePattern } from "../../src/policy/mod.ts";

/** How many names of at most 255 bytes (RFC 1035 2.3.4) a pattern has. */
export function countNamesAgain(pattern: NamePattern, labels: LabelSet): bigint {
  const words = (length: number): bigint =>
    labels.text === "" ? 38n ** BigInt(length) : labels.counts[length] ?? 0n;
  // Of the base: each label with its length, and the root's.
  const room = 255 - (pattern.base === "" ? 1 : pattern.base.length + 2);
  const known = new Map<number, bigint>();
  /** Rows of one label or more that fit in so many bytes. */
  const rows = (bytes: number): bigint => {
    const found = known.get(bytes);
    if (found !== undefined) return found;
    let sum = 0n;
    for (let length = 1; length <= 63 && length < bytes; length++) {
      const more = pattern.reach === "many" ? rows(bytes - length - 1) : 0n;
      sum += words(length) * (1n + more);
    }
    known.set(bytes, sum);
    return sum;
  };
  return pattern.reach === "exact" ? 1n : rows(room);
}
