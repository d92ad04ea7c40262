/**
 * The names of a policy as they were written, one a line, and compared as they are: a million of them need no memory
 * besides the file that they were read from.
 */

import { hashName, MAX_NAME_BYTES, PLAIN, SMALL, type WireName } from "../wire/mod.ts";

/** The bytes that mean something here. */
export const BYTE = {
  TAB: 0x09,
  LF: 0x0a,
  CR: 0x0d,
  SPACE: 0x20,
  HASH: 0x23,
  STAR: 0x2a,
  DOT: 0x2e,
} as const;

/** What no byte of a name is. */
export const NOT_PLAIN = 256;

/** Letters, in small, digits, `-` and `_`; `NOT_PLAIN` for all other bytes. */
export const PLAIN_SMALL: Uint16Array = Uint16Array.from(
  SMALL,
  (small, byte) => PLAIN[byte] === 1 ? small : NOT_PLAIN,
);

/**
 * Texts with names in them. A name's place is where it begins, counted through all of the texts; that is also its
 * number, and the order in which the policy has it. Of a wildcard it is where the name after the stars begins.
 */
export class NameTexts {
  readonly #texts: Uint8Array[] = [];
  readonly #starts: number[] = [];
  #end = 0;

  /** Adds a text, and returns the place of its first byte. Throws where places would be no 32-bit numbers any more. */
  add(text: Uint8Array): number {
    const start = this.#end;
    // One byte more, so that no place is that of a text's end and of another one's start.
    this.#end += text.length + 1;
    if (this.#end > 0xffff_fffe) throw new Error("Cannot take so many names: at most 4 GB of text");
    this.#texts.push(text);
    this.#starts.push(start);
    return start;
  }

  /** Whether the name at a place is this one from a label on. Labels are compared, never string ends. */
  equals(place: number, name: WireName, label: number): boolean {
    const number = this.#find(place);
    const text = this.#texts[number]!;
    const { bytes, starts, labels } = name;
    let at = place - this.#starts[number]!;
    for (let i = label; i < labels; i++) {
      if (i > label && text[at++] !== BYTE.DOT) return false;
      let from = starts[i]!;
      // A byte of a label that is no plain one, such as a dot, equals nothing here, and neither does a text's end.
      for (const end = from + bytes[from]!; from < end; at++) {
        if (bytes[++from] !== PLAIN_SMALL[text[at]!]) return false;
      }
    }
    return !isInName(text, at);
  }

  /** Whether two places have the same name. */
  areSame(one: number, other: number): boolean {
    const numberOfOne = this.#find(one);
    const numberOfOther = this.#find(other);
    const text = this.#texts[numberOfOne]!;
    const otherText = this.#texts[numberOfOther]!;
    let at = one - this.#starts[numberOfOne]!;
    let otherAt = other - this.#starts[numberOfOther]!;
    while (isInName(text, at)) {
      if (PLAIN_SMALL[text[at++]!] !== PLAIN_SMALL[otherText[otherAt++]!]) return false;
    }
    return !isInName(otherText, otherAt);
  }

  /** The name at a place, as `wire/name.ts` writes it. */
  text(place: number): string {
    const number = this.#find(place);
    const text = this.#texts[number]!;
    const from = place - this.#starts[number]!;
    let at = from;
    for (; isInName(text, at); at++) {
      scratch[at - from] = text[at] === BYTE.DOT ? BYTE.DOT : PLAIN_SMALL[text[at]!]!;
    }
    // A text put together letter by letter is a chain of pieces, of many times its size (V8).
    return String.fromCharCode(...scratch.subarray(0, at - from));
  }

  /** The name at a place in wire form: it fills the start of `out`, of 255 bytes; returns its length. */
  wire(place: number, out: Uint8Array): number {
    const number = this.#find(place);
    const text = this.#texts[number]!;
    let from = place - this.#starts[number]!;
    let label = 0;
    let used = 1;
    for (; isInName(text, from); from++) {
      if (text[from] === BYTE.DOT) {
        out[label] = used - label - 1;
        label = used++;
      } else out[used++] = PLAIN_SMALL[text[from]!]!;
    }
    out[label] = used - label - 1;
    out[used++] = 0;
    return used;
  }

  /** The hash that a `WireName` of the name at a place has. */
  hash(place: number): number {
    return hashName(scratch, 0, this.wire(place, scratch));
  }

  #find(place: number): number {
    let number = this.#starts.length - 1;
    while (this.#starts[number]! > place) number--;
    return number;
  }
}

/** One name at a time is written here. */
const scratch = new Uint8Array(MAX_NAME_BYTES);

/** Whether a name that has begun before `at` goes on there; the dot after its last label is not a part of it. */
function isInName(text: Uint8Array, at: number): boolean {
  return isPlain(text, at) || (text[at] === BYTE.DOT && isPlain(text, at + 1));
}

function isPlain(text: Uint8Array, at: number): boolean {
  return at < text.length && PLAIN_SMALL[text[at]!] !== NOT_PLAIN;
}
