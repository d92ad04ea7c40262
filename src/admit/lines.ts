/** Lines out of a stream of bytes. */

import { MOST_LINE_BYTES } from "./protocol.ts";

/** Cuts a stream into lines. */
export class LineReader {
  #rest = "";

  /** The lines that end in `bytes`, without their ends; the last is undefined where a line is too long. */
  push(bytes: Uint8Array): (string | undefined)[] {
    // One character for each byte: what is no ASCII stays what it is, and is refused as such.
    const text = this.#rest + String.fromCharCode(...bytes);
    const lines: (string | undefined)[] = text.split("\n");
    this.#rest = lines.pop()!;
    const tooLong = lines.findIndex((line) => line!.length >= MOST_LINE_BYTES);
    if (tooLong !== -1) return [...lines.slice(0, tooLong), undefined];
    return this.#rest.length >= MOST_LINE_BYTES ? [...lines, undefined] : lines;
  }
}
