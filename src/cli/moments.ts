/** Points in time and spans as people read them. */

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

const UNITS: readonly (readonly [unit: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** A span of `ms` as its two largest units, the rest cut off: `1d 3h`, `2h`, `59m 30s`. */
export function formatSpan(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  const first = UNITS.findIndex(([, seconds]) => rest >= seconds);
  if (first === -1) return "0s";
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(" ");
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
