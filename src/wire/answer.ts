/** What a client is told about its question: a set of records, or that there are none. */

import { RCODE, TYPE } from "./constants.ts";
import { hintsIn } from "./svcb.ts";

/** The TTL of a negative answer that fw-dns makes itself, in s. */
export const LOCAL_NEGATIVE_TTL = 10;

/** An answer, free of any message: scrubbed from an upstream's, or made here. */
export interface Answer {
  readonly rcode: number;
  /** The targets of the CNAMEs that lead from the asked name to the data, in order, in wire form. */
  readonly chain: readonly Uint8Array[];
  /** The data of each record of the asked type, without compression. Empty: a negative answer. */
  readonly data: readonly Uint8Array[];
  /** In s: of each record, or of the SOA of a negative answer. */
  readonly ttl: number;
  /** Whether the upstream validated it, and may be believed. */
  readonly authenticated: boolean;
  /** An extended error for clients that speak EDNS (RFC 8914). */
  readonly extendedError?: number;
}

/** What a record in a reply needs besides its data, in bytes: a pointer, type, class, TTL and length. */
const RECORD_FIXED_BYTES = 12;

/** What the records of a positive answer take in a reply, in bytes. */
export function recordsSize({ chain, data }: Answer): number {
  let size = 0;
  for (const one of chain) size += RECORD_FIXED_BYTES + one.length;
  for (const one of data) size += RECORD_FIXED_BYTES + one.length;
  return size;
}

/** A negative answer made here: NODATA or NXDOMAIN with an SOA of ours, REFUSED or SERVFAIL without. */
export function negativeAnswer(rcode: number, ttl: number, extendedError?: number): Answer {
  const answer = { rcode, chain: [], data: [], ttl, authenticated: false };
  return extendedError === undefined ? answer : { ...answer, extendedError };
}

/** A positive answer made here, with one record. */
export function localAnswer(data: Uint8Array, ttl: number): Answer {
  return { rcode: RCODE.NOERROR, chain: [], data: [data], ttl, authenticated: false };
}

/** The addresses of 4 and 16 bytes that an answer to a question of this type names. */
export function addressesIn(type: number, { data }: Answer): readonly Uint8Array[] {
  switch (type) {
    case TYPE.A:
    case TYPE.AAAA:
      return data;
    case TYPE.SVCB:
    case TYPE.HTTPS:
      return data.flatMap(hintsIn);
    default:
      return [];
  }
}
