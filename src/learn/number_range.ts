/** Numbers that were seen → the narrowest expression for them that a person would still read. */

/** More cases than this are not read, but skipped. */
const MOST_CASES = 4;

/** The longest number whose range is written out. */
const LONGEST = 9;

/**
 * An expression of `labels` for numbers, given as their digits: all from the least to the greatest, with leading zeros
 * only where those seen have them.
 */
export function numberExpression(seen: readonly string[]): string {
  const all = [...new Set(seen)];
  if (all.length === 1) return all[0]!;
  const shortest = Math.min(...all.map(({ length }) => length));
  const longest = Math.max(...all.map(({ length }) => length));
  const isPadded = all.some((digits) => digits.length > 1 && digits.startsWith("0"));
  if (longest > LONGEST || (isPadded && shortest < longest)) return anyDigits(shortest, longest);
  const sorted = all.map(Number).sort((a, b) => a - b);
  const cases = rangeCases(sorted[0]!, sorted.at(-1)!, isPadded ? longest : 0);
  if (cases.length > MOST_CASES) return wideRange(shortest, longest, isPadded);
  return cases.length === 1 ? cases[0]! : `(${cases.join("|")})`;
}

/** Any number of so many digits; without a leading zero where none was seen. */
function wideRange(shortest: number, longest: number, isPadded: boolean): string {
  if (isPadded || longest === 1) return anyDigits(shortest, longest);
  const long = `[1-9]${anyDigits(Math.max(1, shortest - 1), longest - 1)}`;
  return shortest === 1 ? `([0-9]|${long})` : long;
}

function anyDigits(shortest: number, longest: number): string {
  return repeat("[0-9]", shortest, longest);
}

/** `part` so many times. */
export function repeat(part: string, least: number, most: number): string {
  if (least === most) return least === 1 ? part : `${part}{${least}}`;
  return `${part}{${least},${most}}`;
}

/** The cases for all numbers between two, each of one length; `width`: the length where there are leading zeros. */
function rangeCases(least: number, greatest: number, width: number): string[] {
  const pad = (number: number): string => String(number).padStart(width, "0");
  const cases: string[] = [];
  for (let from = least; from <= greatest;) {
    const digits = pad(from).length;
    const to = Math.min(greatest, 10 ** digits - 1);
    cases.push(...sameLength(pad(from), pad(to)));
    from = to + 1;
  }
  return cases;
}

function sameLength(from: string, to: string): string[] {
  const [first, last] = [Number(from[0]), Number(to[0])];
  if (from.length === 1) return [digitClass(first, last)];
  const [below, above] = [from.slice(1), to.slice(1)];
  if (first === last) return sameLength(below, above).map((rest) => `${first}${rest}`);
  const nines = "9".repeat(below.length);
  const zeros = "0".repeat(below.length);
  const startsFull = below === zeros;
  const endsFull = above === nines;
  const cases: string[] = [];
  if (!startsFull) cases.push(...sameLength(below, nines).map((rest) => `${first}${rest}`));
  const [low, high] = [startsFull ? first : first + 1, endsFull ? last : last - 1];
  if (low <= high) {
    cases.push(`${digitClass(low, high)}${repeat("[0-9]", below.length, below.length)}`);
  }
  if (!endsFull) cases.push(...sameLength(zeros, above).map((rest) => `${last}${rest}`));
  return cases;
}

function digitClass(from: number, to: number): string {
  if (from === to) return String(from);
  return to === from + 1 ? `[${from}${to}]` : `[${from}-${to}]`;
}
