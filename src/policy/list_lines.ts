/** The lines of a file of names: one name a line; `#` and what follows it is a comment. */

import { hashByte, MAX_LABEL_BYTES, MAX_NAME_BYTES, ROOT_HASH } from "../wire/mod.ts";
import type { Reach } from "./name_pattern.ts";
import { BYTE, NOT_PLAIN, PLAIN_SMALL } from "./name_texts.ts";

/** What the next line with anything but a comment is; `odd`: no name, or one that takes a closer look. */
export type Line = "name" | "odd" | "end";

/** A file that begins with these bytes says that it is UTF-8. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** How many bytes of a text are its byte order mark: 3, or 0 where it has none. */
export function markLength(text: Uint8Array): number {
  return BYTE_ORDER_MARK.every((byte, i) => text[i] === byte) ? BYTE_ORDER_MARK.length : 0;
}

/** The longest name as text: in wire form it has a length in front, and the root behind. */
const LONGEST_TEXT = MAX_NAME_BYTES - 2;

/** Reads the lines of one text, one after the other. What is read next takes the place of what was read. */
export class ListLines {
  /** Of the name that was read last. */
  reach: Reach = "exact";
  /** Where it begins in the text, after its stars. */
  start = 0;
  /** Its hash, as a `WireName` has it. */
  hash = 0;
  /** Where the first byte of the line is that is no blank. */
  first = 0;
  #at: number;

  constructor(readonly text: Uint8Array) {
    this.#at = markLength(text);
  }

  /** Reads up to the next line that is not empty. */
  next(): Line {
    const { text } = this;
    while (this.#at < text.length) {
      this.first = skipBlanks(text, this.#at);
      if (isLineEnd(text, this.first)) {
        this.#skipLine(this.first);
        continue;
      }
      this.#readReach();
      const end = this.#endOfName();
      const isName = this.#readName(end);
      const after = skipBlanks(text, text[end] === BYTE.DOT ? end + 1 : end);
      this.#skipLine(after);
      return isName && isLineEnd(text, after) ? "name" : "odd";
    }
    return "end";
  }

  /** What stands in the line that was read last, without its comment and the blanks around it. */
  get written(): Uint8Array {
    const { text, first } = this;
    let end = first;
    while (end < text.length && text[end] !== BYTE.LF && text[end] !== BYTE.HASH) end++;
    while (end > first && isBlank(text[end - 1]!)) end--;
    return text.subarray(first, end);
  }

  #skipLine(from: number): void {
    const { text } = this;
    let at = from;
    while (at < text.length && text[at] !== BYTE.LF) at++;
    this.#at = at + 1;
  }

  #readReach(): void {
    const { text, first } = this;
    this.reach = "exact";
    this.start = first;
    if (text[first] !== BYTE.STAR) return;
    const dot = text[first + 1] === BYTE.STAR ? first + 2 : first + 1;
    if (text[dot] !== BYTE.DOT) return;
    this.reach = dot === first + 1 ? "one" : "many";
    this.start = dot + 1;
  }

  /** Where the letters and the dots between them end. */
  #endOfName(): number {
    const { text, start } = this;
    const { length } = text;
    let at = start;
    while (at < length && (PLAIN_SMALL[text[at]!]! < NOT_PLAIN || text[at] === BYTE.DOT)) at++;
    return at > start && text[at - 1] === BYTE.DOT ? at - 1 : at;
  }

  /** Hashes the name from right to left; whether it is plainly one. */
  #readName(end: number): boolean {
    const { text, start } = this;
    let hash = ROOT_HASH;
    let size = 0;
    for (let at = end - 1; at >= start; at--) {
      const small = PLAIN_SMALL[text[at]!]!;
      if (small < NOT_PLAIN) {
        hash = hashByte(hash, small);
        size++;
      } else {
        if (size === 0 || size > MAX_LABEL_BYTES) return false;
        hash = hashByte(hash, size);
        size = 0;
      }
    }
    this.hash = hashByte(hash, size) >>> 0;
    if (size === 0 || size > MAX_LABEL_BYTES || end - start > LONGEST_TEXT) return false;
    // It could be an IP address.
    return !isDigit(text[end - 1]!);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Lines may end with CR LF. */
function isBlank(byte: number): boolean {
  return byte === BYTE.SPACE || byte === BYTE.TAB || byte === BYTE.CR;
}

function skipBlanks(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at]!)) at++;
  return at;
}

/** Whether a line has nothing from here on but its end or a comment. */
function isLineEnd(text: Uint8Array, at: number): boolean {
  return at >= text.length || text[at] === BYTE.LF || text[at] === BYTE.HASH;
}
