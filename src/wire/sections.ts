/** The three sections of records in what an upstream said. */

import { readUint16 } from "./bytes.ts";
import { TYPE } from "./constants.ts";
import { readFrame, type RecordFrame } from "./record.ts";

/** The records of a message that say something, and what its OPT says. */
export interface Sections {
  readonly answer: readonly RecordFrame[];
  readonly authority: readonly RecordFrame[];
  /** The upper bits of the RCODE from the OPT record, in their place (RFC 6891 6.1.3). */
  readonly extendedRcode: number;
}

/** Reads every record's frame; undefined where one is malformed or the message does not end with the last. */
export function readSections(bytes: Uint8Array, start: number): Sections | undefined {
  let at = start;
  let extendedRcode: number | undefined;
  const sections: RecordFrame[][] = [[], [], []];
  for (const [index, section] of sections.entries()) {
    for (let left = readUint16(bytes, 6 + 2 * index); left > 0; left--) {
      const frame = readFrame(bytes, at);
      if (frame === undefined) return undefined;
      if (frame.type === TYPE.OPT) {
        // One, at the root, in the additional section (RFC 6891 6.1.1).
        if (index !== 2 || !frame.isAtRoot || extendedRcode !== undefined) {
          return undefined;
        }
        extendedRcode = bytes[frame.dataStart - 6]! << 4;
      } else section.push(frame);
      at = frame.dataEnd;
    }
  }
  if (at !== bytes.length) return undefined;
  return { answer: sections[0]!, authority: sections[1]!, extendedRcode: extendedRcode ?? 0 };
}
