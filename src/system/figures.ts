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
