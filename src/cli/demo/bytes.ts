/** Packets side by side, byte by byte. */

import type { Style } from "../console.ts";

const BYTES_PER_ROW = 16;

/** A packet as rows of hexadecimal bytes and letters; `isTainted` marks the bytes that the client chose. */
export function hexDump(
  packet: Uint8Array,
  isTainted: (index: number) => boolean,
  style: Style,
): string[] {
  const rows: string[] = [];
  for (let at = 0; at < packet.length; at += BYTES_PER_ROW) {
    const bytes = Array.from(packet.subarray(at, at + BYTES_PER_ROW));
    const mark = (text: string, i: number): string => isTainted(at + i) ? style.red(text) : text;
    const hex = bytes.map((byte, i) => mark(byte.toString(16).padStart(2, "0"), i)).join(" ");
    const padding = " ".repeat(3 * (BYTES_PER_ROW - bytes.length));
    rows.push(
      `${style.dim(at.toString(16).padStart(4, "0"))}  ${hex}${padding}  ${
        bytes.map((byte, i) => mark(printable(byte), i)).join("")
      }`,
    );
  }
  return rows;
}

/** A name as it stands on the wire, letter case and all. */
export function nameAsWritten(packet: Uint8Array): string {
  let at = 12;
  const labels: string[] = [];
  for (let length = packet[at]!; length > 0; length = packet[at]!) {
    labels.push(String.fromCharCode(...packet.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return labels.join(".") || "the root";
}

/** Some bytes as `6b 65`. */
export function showBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}
