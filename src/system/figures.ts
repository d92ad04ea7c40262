/** Figures as people read them. */

/** A whole number, with a mark at each thousand: `1,234`. */
export function formatWhole(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 name`, `2,000 names`. */
export function many(number: number, what: string): string {
  return `${formatWhole(number)} ${what}${number === 1 ? "" : "s"}`;
}

/** Bytes that were estimated, for a table: `812 B`, `1.0 kB`, `48 kB`. They are not told to the last one. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let left = Math.max(0, bytes);
  while (Math.round(left) >= 1000 && unit < units.length - 1) {
    left /= 1000;
    unit++;
  }
  const digits = unit > 0 && left < 9.95 ? 1 : 0;
  return `${left.toFixed(digits)} ${units[unit]}`;
}

/** The same for a sentence: `about 812 bytes`, `about 1 kB`, `about 48 kB`. */
export function describeBytes(bytes: number): string {
  return `about ${formatBytes(bytes).replace(".0 ", " ").replace(/ B$/, " bytes")}`;
}

/** Days, hours, minutes and seconds, in s. */
const TIME_UNITS = [86_400, 3600, 60, 1];

/**
 * A span of `ms` as its two largest units, the rest cut off and zero left out. `names` are what stands behind the
 * figures of days, hours, minutes and seconds: `1d 3h`, `12 min 5 s`.
 */
export function formatSpanIn(
  names: readonly [days: string, hours: string, minutes: string, seconds: string],
  ms: number,
): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  const first = TIME_UNITS.findIndex((seconds) => rest >= seconds);
  if (first === -1) return `0${names[3]}`;
  const parts: string[] = [];
  for (const [i, seconds] of TIME_UNITS.slice(first, first + 2).entries()) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${names[first + i]}`);
  }
  return parts.join(" ");
}
