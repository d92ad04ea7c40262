/** What is kept of a name in place of the name: numbers that nobody else can work out, and how much it can carry. */

import type { Random } from "../../system/mod.ts";
import type { NameSeen } from "../event.ts";

const MOST_LABELS = 128;

/** Kinds of bytes, as bits: an encoding uses whole kinds. */
const KIND = {
  /** The digits of base32. */
  digit32: 1,
  otherDigit: 2,
  hexLetter: 4,
  otherLetter: 8,
  hyphen: 16,
  underscore: 32,
  /** What base64 has beside letters and digits; rare in anybody else's names. */
  base64Sign: 64,
  other: 128,
} as const;

const KIND_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte).toLowerCase();
  if (/[2-7]/.test(character)) return KIND.digit32;
  if (/[0-9]/.test(character)) return KIND.otherDigit;
  if (/[a-f]/.test(character)) return KIND.hexLetter;
  if (/[a-z]/.test(character)) return KIND.otherLetter;
  if (character === "-") return KIND.hyphen;
  if (character === "_") return KIND.underscore;
  return /[+/=]/.test(character) ? KIND.base64Sign : KIND.other;
});

/** The bits that a byte of a label can carry, by the kinds of bytes that the label has. */
const BITS_OF_KINDS = Float64Array.from({ length: 256 }, (_, kinds) => {
  if (kinds & KIND.other) return 7;
  const letters = kinds & KIND.otherLetter ? 26 : kinds & KIND.hexLetter ? 6 : 0;
  const isHex = letters === 6;
  const digits = isHex || kinds & KIND.otherDigit ? 10 : kinds & KIND.digit32 ? 6 : 0;
  const signs = (kinds & KIND.hyphen ? 1 : 0) + (kinds & KIND.underscore ? 1 : 0) +
    (kinds & KIND.base64Sign ? 3 : 0);
  return Math.log2(Math.max(2, letters + (letters === 0 && digits > 0 ? 10 : digits) + signs));
});

/** An odd number: two names that differ in one byte never have the same hash. `mix` does what it leaves to do. */
const STEP = 0x9e3779b1;

/** Spreads a hash over all of its 32 bits. */
export function mix(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return hash ^ hash >>> 16;
}

/**
 * One name at a time. Its hashes are keyed with secret random numbers: otherwise names could be made up that look like
 * one that was there before, and so seem to carry nothing.
 */
export class NameDigest {
  /** How many labels it has. */
  labels = 0;
  /** A hash of the name from each label on, as a signed 32-bit number; after the last label, the root's. */
  readonly suffixes: Int32Array = new Int32Array(MOST_LABELS);
  /** A hash of each label by itself. */
  readonly own: Int32Array = new Int32Array(MOST_LABELS);
  /** How many bits each label can carry, at most. */
  readonly bits: Float64Array = new Float64Array(MOST_LABELS);
  readonly #key: Int32Array;
  readonly #start: number;
  #name: NameSeen | undefined;

  constructor(random: Random) {
    const draw = (): number => random.uint16() << 16 | random.uint16();
    this.#key = Int32Array.from({ length: 256 }, draw);
    this.#start = draw();
  }

  /** The whole name's hash. */
  get name(): number {
    return this.suffixes[0]!;
  }

  /** Reads a name: the hashes from each label on. It has to stay as it is until its labels have been read. */
  read(name: NameSeen): void {
    const { bytes, length, labels, starts } = name;
    const key = this.#key;
    let suffix = this.#start;
    this.#name = name;
    this.labels = labels;
    this.suffixes[labels] = suffix;
    let at = length - 2;
    for (let label = labels - 1; label >= 0; label--) {
      for (const from = starts[label]!; at > from; at--) {
        suffix = Math.imul(suffix ^ key[bytes[at]!]!, STEP);
      }
      // The end of a label is not the byte of its length, which stands for a character, too.
      suffix = Math.imul(suffix ^ this.#start, 0x85ebca6b);
      at--;
      this.suffixes[label] = suffix;
    }
  }

  /** Reads its first labels, so many of them: `own` and `bits`. Few names are new, and need it. */
  readLabels(count: number): void {
    const { bytes, starts } = this.#name!;
    const key = this.#key;
    for (let label = 0; label < count; label++) {
      const end = starts[label + 1]!;
      let own = this.#start;
      let kinds = 0;
      for (let at = starts[label]! + 1; at < end; at++) {
        const byte = bytes[at]!;
        own = Math.imul(own ^ key[byte]!, STEP);
        kinds |= KIND_OF_BYTE[byte]!;
      }
      this.own[label] = own;
      this.bits[label] = (end - starts[label]! - 1) * BITS_OF_KINDS[kinds]!;
    }
  }
}
