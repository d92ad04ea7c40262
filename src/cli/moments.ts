/** Points in time and spans as people read them. */

import { formatSpanIn } from "../system/mod.ts";

/** `2026-12-31T00:00:00Z`, to the second. */
export function formatMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `2026-12-31 01:00:00 +01:00`, by the clock on the wall here; undefined where that is UTC. */
export function formatHere(ms: number): string | undefined {
  const offset = -new Date(ms).getTimezoneOffset();
  if (offset === 0) return undefined;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const shown = new Date(ms + offset * 60_000).toISOString().slice(0, 19).replace("T", " ");
  return `${shown} ${offset < 0 ? "-" : "+"}${twoDigits(hours)}:${twoDigits(minutes)}`;
}

/** A span of `ms` as its two largest units, the rest cut off: `1d 3h`, `2h`, `59m 30s`. */
export function formatSpan(ms: number): string {
  return formatSpanIn(["d", "h", "m", "s"], ms);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
