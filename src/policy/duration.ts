/** Durations as a policy spells them. */

import { type Parsed, quote } from "./name_pattern.ts";

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** Reads `500ms`, `30s`, `5m`, `1h` into ms. */
export function parseDuration(text: string): Parsed<number> {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  const found = UNITS.find(([name]) => name === unit);
  if (found !== undefined) return { value: Number(digits) * found[1] };
  return { problem: `${quote(text)} is no duration: write one like "500ms", "30s", "5m" or "1h"` };
}

/** A duration in ms as a policy would spell it. */
export function formatDuration(ms: number): string {
  const [name, size] = UNITS.find(([, size]) => ms >= size && ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${name}`;
}
