/** An RRset as fw-dns keeps it: in one order, without duplicates, and of a size that has an end. */

import { compareBytes, writeBytes } from "./bytes.ts";

/** The most records of a set that are kept: more of them say nothing that a client needs. */
const MAX_RECORDS = 256;

/** The most RDATA of a set that is kept, in bytes. With 16 CNAMEs of 255 bytes it still fits in any reply. */
const MAX_SET_BYTES = 16 * 1024;

/**
 * RDATA in canonical order (RFC 4034 6.3) and without duplicates (RFC 2181 5): the order in which an upstream tells
 * records could tell clients something.
 */
export function canonicalSet(data: readonly Uint8Array[]): Uint8Array[] {
  const sorted = data.toSorted(compareBytes);
  return sorted.filter((one, i) => i === 0 || compareBytes(sorted[i - 1]!, one) !== 0);
}

/** The first records of a canonical set, as many as are kept; none where the first is too large by itself. */
export function capSet(set: readonly Uint8Array[]): Uint8Array[] {
  let size = 0;
  const end = set.findIndex((one, i) => (size += one.length) > MAX_SET_BYTES || i === MAX_RECORDS);
  return set.slice(0, end === -1 ? set.length : end);
}

/** The same pieces, as views on one memory: what the runtime takes for a memory is many times what an address has. */
export function packPieces(pieces: readonly Uint8Array[]): Uint8Array[] {
  const memory = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  return pieces.map((piece) => memory.subarray(at, at = writeBytes(memory, at, piece)));
}
