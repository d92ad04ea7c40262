/**
 * A name in wire form, in small letters, with what it takes to look it up: where each label starts, and a hash of the
 * name from there to its end. A reader uses one again and again, so that a query costs no memory.
 */

import { hashByte, SMALL } from "./bytes.ts";
import { encodeName, MAX_LABEL_BYTES, MAX_NAME_BYTES, nameText } from "./name.ts";

/** The most labels in a name, not counting the root (RFC 1035 2.3.4). */
const MAX_LABELS = 127;

/** Between the labels of a text. */
const DOT = 0x2e;

/** FNV-1a's start. */
const HASH_START = 0x811c9dc5;

/** The hash of the root, to begin with; as a signed 32-bit number. */
export const ROOT_HASH: number = hashByte(HASH_START, 0);

/** 1 for letters, digits, `-` and `_`. */
export const PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  return /[A-Za-z0-9_-]/.test(String.fromCharCode(byte)) ? 1 : 0;
});

/** One name; what is read next takes its place. */
export class WireName {
  /** The name: its first `length` bytes, the root's included. */
  readonly bytes: Uint8Array = new Uint8Array(MAX_NAME_BYTES);
  /** In bytes; 1 for the root. */
  length = 1;
  /** How many labels it has, the root not counted. */
  labels = 0;
  /** Where each label starts, and, after the last one, the root. */
  readonly starts: Uint8Array = new Uint8Array(MAX_LABELS + 1);
  /** The hash of the name from each label on; after the last one, the root's. */
  readonly hashes: Uint32Array = new Uint32Array(MAX_LABELS + 1);
  /** Whether all of its bytes are letters, digits, `-` or `_`. */
  isPlain = true;

  /** The name that a text of `name.ts` stands for. Throws where it stands for none. */
  static of(text: string): WireName {
    return new WireName().readText(text);
  }

  /** Reads the name that a text of `name.ts` stands for, and returns itself. Throws where the text stands for none. */
  readText(text: string): this {
    const isRead = this.#readPlain(text) || this.read(encodeName(text), 0) !== 0;
    if (!isRead) throw new Error(`Cannot read the name ${text}`);
    return this;
  }

  /** Most texts are plain ones, and a reload reads that of every name that is kept. False: it takes a closer look. */
  #readPlain(text: string): boolean {
    const { bytes, starts } = this;
    const { length } = text;
    if (length === 0 || length > MAX_NAME_BYTES - 2) return false;
    let labels = 0;
    let start = 0;
    for (let i = 0; i <= length; i++) {
      const byte = i === length ? DOT : text.charCodeAt(i);
      if (byte !== DOT) {
        if (byte >= PLAIN.length || PLAIN[byte] === 0) return false;
        bytes[i + 1] = SMALL[byte]!;
        continue;
      }
      const size = i - start;
      if (size < 1 || size > MAX_LABEL_BYTES) return false;
      starts[labels++] = start;
      bytes[start] = size;
      start = i + 1;
    }
    starts[labels] = start;
    bytes[start] = 0;
    this.length = start + 1;
    this.labels = labels;
    this.isPlain = true;
    this.#hash();
    return true;
  }

  /**
   * Reads a name that has no compression, as in a question; the place after it, or 0 where it is malformed: then
   * this holds no name. RFC 1035 3.1. A pointer is malformed here (RFC 9267 2): a question has nothing to point to.
   */
  read(message: Uint8Array, start: number): number {
    const { bytes, starts } = this;
    let labels = 0;
    let plain = 1;
    let at = start;
    while (true) {
      const size = message[at]!;
      // Past the end there is no size, and no comparison holds.
      if (!(size <= MAX_LABEL_BYTES)) return 0;
      const from = at - start;
      starts[labels] = from;
      bytes[from] = size;
      at++;
      if (size === 0) break;
      const end = at + size;
      if (end >= message.length || end - start >= MAX_NAME_BYTES) return 0;
      labels++;
      for (; at < end; at++) {
        const byte = message[at]!;
        plain &= PLAIN[byte]!;
        bytes[at - start] = SMALL[byte]!;
      }
    }
    this.length = at - start;
    this.labels = labels;
    this.isPlain = plain === 1;
    this.#hash();
    return at;
  }

  /** The hash of the whole name. */
  get hash(): number {
    return this.hashes[0]!;
  }

  /** The name as text, as `name.ts` writes it. */
  get text(): string {
    return nameText(this.bytes);
  }

  /** Whether this is the name in wire form that stands in `other` from `at` on, from the label `label` of this one on. */
  equals(other: Uint8Array, at: number, label = 0): boolean {
    const { bytes, length } = this;
    for (let i = this.starts[label]!; i < length; i++, at++) {
      if (bytes[i] !== other[at]) return false;
    }
    return true;
  }

  /** Whether this is another name or lies below it. Labels are compared, never string ends. */
  isWithin(other: WireName): boolean {
    const label = this.labels - other.labels;
    return label >= 0 && this.hashes[label] === other.hash && this.equals(other.bytes, 0, label);
  }

  /** From right to left, so that the hashes of all ancestors are stages on the way. */
  #hash(): void {
    const { bytes, starts, hashes } = this;
    let hash = HASH_START;
    let at = this.length - 1;
    for (let label = this.labels; label >= 0; label--) {
      for (const from = starts[label]!; at >= from; at--) {
        hash = hashByte(hash, bytes[at]!);
      }
      hashes[label] = hash;
    }
  }
}

/** The hash that a {@linkcode WireName} has, of a name in wire form and small letters, root included. */
export function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = end - 1; at >= start; at--) hash = hashByte(hash, bytes[at]!);
  return hash >>> 0;
}
