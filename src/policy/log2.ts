/** Logarithms that never come out too low: a bound that is a hair too low is none. */

import { formatWhole } from "../system/mod.ts";

const PLACES = 32n;

/** One bit in the fixed-point numbers of this file. Their sums, and products with whole numbers, are exact. */
export const ONE_BIT = 1n << PLACES;

/** Binary places of the mantissa: each of the squarings doubles what rounding has added, and this leaves plenty. */
const MANTISSA_PLACES = 96n;

/**
 * log2 of a number of 1 or more, in units of 1 / {@linkcode ONE_BIT}, never below the true value and less than two
 * units above it. Throws a `RangeError` for less than 1.
 *
 * With n = 2^whole · m, 1 ≤ m ≤ 2: squaring m doubles its logarithm, so each square of 2 or more is one more binary
 * digit. Every step rounds m up, so the digits and what is left of m stand for no less than n. What is left at the
 * end is at most one unit, and is given as a whole one.
 */
export function log2Up(n: bigint): bigint {
  if (n < 1n) throw new RangeError(`no logarithm of ${n}`);
  const whole = BigInt(n.toString(2).length - 1);
  const one = 1n << MANTISSA_PLACES;
  let mantissa = shiftUp(n << MANTISSA_PLACES, whole);
  let digits = whole;
  for (let place = 0n; place < PLACES; place++) {
    mantissa = shiftUp(mantissa * mantissa, MANTISSA_PLACES);
    digits <<= 1n;
    if (mantissa < one << 1n) continue;
    mantissa = shiftUp(mantissa, 1n);
    digits++;
  }
  return mantissa > one ? digits + 1n : digits;
}

/** n / 2^places, rounded up. */
function shiftUp(n: bigint, places: bigint): bigint {
  return (n + (1n << places) - 1n) >> places;
}

/** A fixed-point number as bits, rounded up to a tenth. */
export function tenthsUp(fixed: bigint): number {
  return Number((fixed * 10n + ONE_BIT - 1n) / ONE_BIT) / 10;
}

/** Bits as people read them: `1,234.0`, or `0`, which is exact. */
export function formatBits(bits: number): string {
  if (bits === 0) return "0";
  const [whole, tenths] = bits.toFixed(1).split(".");
  return `${formatWhole(Number(whole))}.${tenths}`;
}
