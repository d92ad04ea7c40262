/**
 * Domain names, on the wire and as text: the one place that knows what a name is.
 *
 * Text is always lower case and without the trailing dot (the root is `.`). A byte that is no letter,
 * digit, `-` or `_` is written `\ddd`, so that two different names never have the same text, a dot
 * in the text is always the end of a label, and no name can harm a log or a terminal.
 */

import { HEADER_BYTES } from "./constants.ts";
import { hashByte, lowerByte, SMALL } from "./bytes.ts";

/** The most bytes in a name, lengths and root included (RFC 1035 2.3.4). */
export const MAX_NAME_BYTES = 255;

/** The most bytes in a label (RFC 1035 2.3.4). */
export const MAX_LABEL_BYTES = 63;

/** The most pointers in a name: one after each label but the root. */
const MAX_HOPS = 126;

/** A name that was read, and the place after it. */
export interface NameRead {
  readonly text: string;
  readonly end: number;
}

const TEXT_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(lowerByte(byte));
  return /[a-z0-9_-]/.test(letter) ? letter : `\\${String(byte).padStart(3, "0")}`;
});

/**
 * Reads a name that has no compression, as in a question; undefined where it is malformed.
 * RFC 1035 3.1. A pointer is malformed here (RFC 9267 2): a question has nothing to point to.
 */
export function readName(bytes: Uint8Array, start: number): NameRead | undefined {
  let text = "";
  let at = start;
  while (true) {
    const length = bytes[at++];
    if (length === undefined) return undefined;
    if (length === 0) return { text: text === "" ? "." : text, end: at };
    if (length > MAX_LABEL_BYTES) return undefined;
    const end = at + length;
    if (end >= bytes.length) return undefined;
    if (end - start >= MAX_NAME_BYTES) return undefined;
    if (text !== "") text += ".";
    while (at < end) text += TEXT_OF_BYTE[bytes[at++]!]!;
  }
}

/** A name in wire form without compression, and the place after it in the message it came from. */
export interface NameExpanded {
  readonly wire: Uint8Array;
  readonly end: number;
}

/**
 * Reads a name that may be compressed (RFC 1035 4.1.4); undefined where it is malformed.
 *
 * A pointer may only lead to before the piece that it ends (RFC 9267 2), and not into the header; a name of
 * the most labels needs no more than 126 of them. Bytes before `lowerBefore` are taken as small letters: that is
 * the echo of the question, whose random case must not show in an answer.
 */
export function expandName(
  bytes: Uint8Array,
  start: number,
  lowerBefore = 0,
): NameExpanded | undefined {
  const expanded = expandIntoScratch(bytes, start, lowerBefore);
  if (expanded === undefined) return undefined;
  return { wire: scratch.slice(0, expanded.used), end: expanded.end };
}

/** A name that was read past: a message may hold thousands, of which few are looked at. */
export interface NamePassed {
  /** The same for names that differ in letter case alone; others may share it. */
  readonly hash: number;
  readonly isRoot: boolean;
  readonly end: number;
}

/** The same, without keeping the name. */
export function passName(bytes: Uint8Array, start: number): NamePassed | undefined {
  const expanded = expandIntoScratch(bytes, start, bytes.length);
  if (expanded === undefined) return undefined;
  const { used, end } = expanded;
  let hash = used;
  for (let i = 0; i < used; i++) hash = hashByte(hash, scratch[i]!);
  return { hash, isRoot: used === 1, end };
}

/** Whether the name at `start`, which may be compressed, is `wire`, a whole one in small letters. */
export function isNameAt(bytes: Uint8Array, start: number, wire: Uint8Array): boolean {
  const expanded = expandIntoScratch(bytes, start, bytes.length);
  if (expanded?.used !== wire.length) return false;
  for (let i = 0; i < wire.length; i++) if (scratch[i] !== wire[i]) return false;
  return true;
}

/** One name at a time is expanded here: a message may hold thousands. */
const scratch = new Uint8Array(MAX_NAME_BYTES);

function expandIntoScratch(
  bytes: Uint8Array,
  start: number,
  lowerBefore: number,
): { readonly used: number; readonly end: number } | undefined {
  let used = 0;
  let hops = 0;
  let piece = start;
  let at = start;
  let end = 0;
  while (true) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length >= 0xc0) {
      const low = bytes[at + 1];
      if (low === undefined) return undefined;
      const target = ((length & 0x3f) << 8) | low;
      if (target >= piece || target < HEADER_BYTES || ++hops > MAX_HOPS) return undefined;
      if (end === 0) end = at + 2;
      piece = at = target;
      continue;
    }
    if (length > MAX_LABEL_BYTES) return undefined;
    if (at + length >= bytes.length) return undefined;
    if (used + 1 + length + (length === 0 ? 0 : 1) > MAX_NAME_BYTES) return undefined;
    for (const stop = at + length; at <= stop; at++) {
      const byte = bytes[at]!;
      scratch[used++] = at < lowerBefore ? SMALL[byte]! : byte;
    }
    if (length === 0) return { used, end: end === 0 ? at : end };
  }
}

/** The text of a name in wire form that was read or written by this file. */
export function nameText(wire: Uint8Array): string {
  const name = readName(wire, 0);
  if (name === undefined) throw new Error("Cannot show a name: its wire form is malformed");
  return name.text;
}

/** The wire form of a name's text, as this file writes it. Throws where the text is no such name. */
export function encodeName(text: string): Uint8Array {
  const wire = scratch;
  let at = 0;
  for (const label of text === "." ? [] : text.split(".")) {
    const bytes = labelBytes(label);
    if (bytes.length < 1 || bytes.length > MAX_LABEL_BYTES) {
      throw new Error(`Cannot encode ${text}: a label has 1 to 63 bytes`);
    }
    if (at + bytes.length + 2 > MAX_NAME_BYTES) {
      throw new Error(`Cannot encode ${text}: a name has at most 255 bytes`);
    }
    wire[at++] = bytes.length;
    for (let i = 0; i < bytes.length; i++) wire[at++] = bytes[i]!;
  }
  wire[at++] = 0;
  return wire.slice(0, at);
}

function labelBytes(label: string): readonly number[] {
  const bytes: number[] = [];
  // Without an escape every character is a byte; a reload reads thousands of such names.
  if (!label.includes("\\")) {
    for (let i = 0; i < label.length; i++) bytes.push(label.charCodeAt(i) & 0xff);
    return bytes;
  }
  for (const [piece, digits] of label.matchAll(/\\(\d{3})|./gs)) {
    bytes.push(digits === undefined ? piece.charCodeAt(0) : Number(digits));
  }
  return bytes;
}

/** The name without its first label, or undefined for the root. */
export function parentName(text: string): string | undefined {
  if (text === ".") return undefined;
  const dot = text.indexOf(".");
  return dot === -1 ? "." : text.slice(dot + 1);
}

/** Whether `text` is `ancestor` or lies below it. Labels are compared, never string ends. */
export function isWithin(text: string, ancestor: string): boolean {
  return ancestor === "." || text === ancestor || text.endsWith(`.${ancestor}`);
}
