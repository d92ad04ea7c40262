/** Resource records in what an upstream said: their frame, and their data without compression. */

import { readUint16, readUint32, writeBytes } from "./bytes.ts";
import { TYPE } from "./constants.ts";
import { expandName, passName } from "./name.ts";

/** Where a record lies in its message. */
export interface RecordFrame {
  /** Where its owner's name starts. */
  readonly owner: number;
  /** As {@linkcode passName} has it. */
  readonly ownerHash: number;
  readonly isAtRoot: boolean;
  readonly type: number;
  readonly class: number;
  /** In s; a value with the top bit set counts as 0 (RFC 2181 8). */
  readonly ttl: number;
  readonly dataStart: number;
  readonly dataEnd: number;
}

/** Reads the frame of the record at `at` (RFC 1035 4.1.3); undefined where it is malformed. */
export function readFrame(bytes: Uint8Array, at: number): RecordFrame | undefined {
  const owner = passName(bytes, at);
  if (owner === undefined) return undefined;
  const dataStart = owner.end + 10;
  if (dataStart > bytes.length) return undefined;
  const dataEnd = dataStart + readUint16(bytes, owner.end + 8);
  if (dataEnd > bytes.length) return undefined;
  const ttl = readUint32(bytes, owner.end + 4);
  return {
    owner: at,
    ownerHash: owner.hash,
    isAtRoot: owner.isRoot,
    type: readUint16(bytes, owner.end),
    class: readUint16(bytes, owner.end + 2),
    ttl: ttl > 0x7fffffff ? 0 : ttl,
    dataStart,
    dataEnd,
  };
}

/** A piece of record data: so many bytes, a name, a string with its length in front, some of these, or all the rest. */
type Piece = number | "name" | "string" | "strings" | "rest";

/**
 * The types whose data may hold a compressed name (RFC 1035 3.3, RFC 3597 4), those whose length is fixed, and those of
 * strings, which break a client's reader where one is longer than the data.
 * Any other type is passed on as it is.
 */
const LAYOUT: ReadonlyMap<number, readonly Piece[]> = new Map<number, readonly Piece[]>([
  [TYPE.A, [4]],
  [TYPE.AAAA, [16]],
  [TYPE.NS, ["name"]],
  [3, ["name"]], // MD
  [4, ["name"]], // MF
  [TYPE.CNAME, ["name"]],
  [TYPE.SOA, ["name", "name", 20]],
  [7, ["name"]], // MB
  [8, ["name"]], // MG
  [9, ["name"]], // MR
  [TYPE.PTR, ["name"]],
  [13, ["string", "string"]], // HINFO
  [14, ["name", "name"]], // MINFO
  [15, [2, "name"]], // MX
  [16, ["strings"]], // TXT
  [17, ["name", "name"]], // RP
  [18, [2, "name"]], // AFSDB
  [21, [2, "name"]], // RT
  [24, [18, "name", "rest"]], // SIG
  [26, [2, "name", "name"]], // PX
  [30, ["name", "rest"]], // NXT
  [33, [6, "name"]], // SRV
  [35, [4, "string", "string", "string", "name"]], // NAPTR
  [36, [2, "name"]], // KX
  [39, ["name"]], // DNAME
  [99, ["strings"]], // SPF
]);

/** A record's data with every name in full; undefined where it does not fit its type. */
export function expandData(bytes: Uint8Array, frame: RecordFrame): Uint8Array | undefined {
  const layout = LAYOUT.get(frame.type);
  if (layout === undefined) return bytes.slice(frame.dataStart, frame.dataEnd);
  const message = bytes.subarray(0, frame.dataEnd);
  const pieces: Uint8Array[] = [];
  let at = frame.dataStart;
  for (const piece of layout) {
    if (piece === "name") {
      // In small letters, as in its canonical form (RFC 4034 6.2): in their case, names could carry commands.
      const name = expandName(message, at, message.length);
      if (name === undefined) return undefined;
      pieces.push(name.wire);
      at = name.end;
    } else {
      const end = at + pieceLength(message, at, piece);
      if (end > frame.dataEnd) return undefined;
      pieces.push(message.subarray(at, end));
      at = end;
    }
  }
  return at === frame.dataEnd ? join(pieces) : undefined;
}

function pieceLength(message: Uint8Array, at: number, piece: Exclude<Piece, "name">): number {
  if (piece === "string") return 1 + (message[at] ?? message.length);
  if (piece === "strings") {
    let end = at;
    do end += pieceLength(message, end, "string"); while (end < message.length);
    return end - at;
  }
  return piece === "rest" ? message.length - at : piece;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    at = writeBytes(whole, at, piece);
  }
  return whole;
}
