/** Small damage to a message, by someone who knows where in DNS messages it hurts. */

import { opt, u16 } from "../../tests/support/packets.ts";
import type { Dice } from "./dice.ts";

/** Bytes in the header of a message. */
const HEADER = 12;

type Change = (dice: Dice, bytes: number[], others: readonly Uint8Array[]) => void;

/** Sets the 16 bits at a place. */
function setNumber(bytes: number[], at: number, value: number): void {
  if (at + 2 <= bytes.length) bytes.splice(at, 2, ...u16(value));
}

const CHANGES: readonly Change[] = [
  // One bit, one byte, one number.
  (dice, bytes) => {
    const at = dice.below(Math.max(1, bytes.length));
    if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << dice.below(8));
  },
  (dice, bytes) => {
    const at = dice.below(Math.max(1, bytes.length));
    if (at < bytes.length) bytes[at] = dice.byte();
  },
  (dice, bytes) => setNumber(bytes, dice.below(Math.max(1, bytes.length)), dice.number()),
  // The header: flags and counts.
  (dice, bytes) => setNumber(bytes, 2, dice.below(65_536)),
  (dice, bytes) => setNumber(bytes, 4 + 2 * dice.below(4), dice.pick([0, 1, 2, 3, 255, 65_535])),
  // Cut off, added, taken out, put in.
  (dice, bytes) => void bytes.splice(dice.below(bytes.length + 1)),
  (dice, bytes) => void bytes.push(...dice.bytes(1 + dice.below(12))),
  (dice, bytes) => void bytes.splice(dice.below(bytes.length + 1), 1 + dice.below(4)),
  (dice, bytes) =>
    void bytes.splice(dice.below(bytes.length + 1), 0, ...dice.bytes(1 + dice.below(4))),
  // A part that stands there twice.
  (dice, bytes) => {
    const at = dice.below(bytes.length + 1);
    bytes.splice(at, 0, ...bytes.slice(at, at + dice.below(40)));
  },
  // The letters of a name in the other case.
  (dice, bytes) => {
    for (let i = HEADER; i < bytes.length; i++) {
      const letter = bytes[i]! | 0x20;
      if (letter >= 0x61 && letter <= 0x7a && dice.oneIn(2)) bytes[i] = bytes[i]! ^ 0x20;
    }
  },
  // A compression pointer: to itself, back, ahead, into the header, past the end.
  (dice, bytes) => {
    const at = HEADER + dice.below(Math.max(1, bytes.length - HEADER));
    const target = dice.pick([at, at - 2, at + 2, 0, HEADER, bytes.length, dice.below(0x4000)]);
    setNumber(bytes, at, 0xc000 | (target & 0x3fff));
  },
  // A label that is longer or shorter than it says, or of a type that nobody has.
  (dice, bytes) => {
    if (bytes.length > HEADER) bytes[HEADER] = dice.pick([0, 1, 63, 64, 0x41, 0x80, 0xbf, 0xc0]);
  },
  // An OPT, counted or not.
  (dice, bytes) => {
    bytes.push(...opt({
      owner: dice.oneIn(6) ? [1, 97, 0] : [0],
      size: dice.number(),
      version: dice.pick([0, 0, 0, 1, 255]),
      flags: dice.pick([0, 0x8000, 0xffff]),
      options: dice.oneIn(2) ? [] : anyOptions(dice),
    }));
    if (bytes.length > HEADER && dice.below(4) > 0) bytes[11] = (bytes[11]! + 1) & 0xff;
  },
  // The head of this, and the tail of another one.
  (dice, bytes, others) => {
    if (others.length === 0) return;
    const other = dice.pick(others);
    bytes.splice(dice.below(bytes.length + 1));
    bytes.push(...other.subarray(dice.below(other.length + 1)));
  },
];

/** Options of an OPT, most of which fit. */
export function anyOptions(dice: Dice): number[] {
  return Array.from({ length: 1 + dice.below(4) }, () => {
    const data = dice.bytes(dice.pick([0, 2, 4, 7, 8, 9, 40, 41]));
    const length = dice.oneIn(12) ? dice.number() : data.length;
    return [...u16(dice.pick([3, 5, 8, 10, 11, 12, 13, 15, 65_001])), ...u16(length), ...data];
  }).flat();
}

/** The same bytes with a few changes; `others` are what they may be spliced with. */
export function changeBytes(
  dice: Dice,
  bytes: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  const changed = [...bytes];
  for (let left = dice.pick([1, 1, 1, 2, 3, 6]); left > 0; left--) {
    dice.pick(CHANGES)(dice, changed, others);
  }
  return Uint8Array.from(changed.slice(0, 65_535));
}
