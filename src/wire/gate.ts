/**
 * The strict gate: one linear reader of a client's query, from the receive buffer.
 *
 * Each line of {@linkcode readQuery} is one reason to stop. What it lets through is a plain query:
 * one question in class IN, nothing in answer and authority, at most one well-formed OPT, and not a
 * byte more. Other flags, the RCODE and the contents of well-framed options are not looked at.
 */

import { readUint16 } from "./bytes.ts";
import {
  CLASS_IN,
  DNSSEC_OK,
  FLAG,
  HEADER_BYTES,
  MAX_UDP_BYTES,
  OPCODE_BITS,
  PLAIN_UDP_BYTES,
  TYPE,
} from "./constants.ts";
import { readName } from "./name.ts";

/** What is asked: a name (as `name.ts` writes it) and a type's number. */
export interface Question {
  readonly name: string;
  readonly type: number;
}

/** A client's query that passed the gate. */
export interface Query extends Question {
  readonly kind: "query";
  readonly id: number;
  /** The flags that the reply repeats (RFC 1035 4.1.1, RFC 4035 3.2.2). */
  readonly repeatedFlags: number;
  /** Whether the client understands the AD flag (RFC 6840 5.7). */
  readonly wantsAuthenticated: boolean;
  /** Whether the query had an OPT record, so that the reply must have one. */
  readonly edns: boolean;
  /** The DO bit, which the reply's OPT repeats (RFC 3225 3). */
  readonly dnssecOk: boolean;
  /** The most that this client takes over UDP, in bytes. */
  readonly udpLimit: number;
  /** The question as the client wrote it, with its letter case: a view on the packet. */
  readonly question: Uint8Array;
}

/** A packet that is not a plain query. */
export interface MalformedQuery {
  readonly kind: "malformed";
  /** What is wrong with it, for a person. */
  readonly problem: string;
  /** The first question's name, where it could be read. */
  readonly name?: string;
}

const OPT_FIXED_BYTES = 11;

/** Reads a packet as a client's query (RFC 1035 4.1, RFC 6891 6.1). Never throws. */
export function readQuery(packet: Uint8Array): Query | MalformedQuery {
  if (packet.length < HEADER_BYTES) return malformed("shorter than a header");
  const flags = readUint16(packet, 2);
  if (flags & FLAG.QR) return malformed("a response");
  if (flags & OPCODE_BITS) return malformed("the opcode is not QUERY");
  if (readUint16(packet, 4) !== 1) return malformed("not exactly one question");
  if (readUint16(packet, 6) !== 0) return malformed("records in the answer section");
  if (readUint16(packet, 8) !== 0) return malformed("records in the authority section");
  const additional = readUint16(packet, 10);
  if (additional > 1) return malformed("more than one additional record");

  const name = readName(packet, HEADER_BYTES);
  if (name === undefined) return malformed("the name is malformed or compressed");
  const end = name.end + 4;
  if (end > packet.length) return malformed("ends within the question", name.text);
  if (readUint16(packet, name.end + 2) !== CLASS_IN) {
    return malformed("the class is not IN", name.text);
  }

  const edns = additional === 1;
  if (edns && !isPlainOpt(packet, end)) {
    return malformed("the additional record is not one well-formed OPT", name.text);
  }
  if (!edns && packet.length !== end) return malformed("bytes after the question", name.text);
  const dnssecOk = edns && (readUint16(packet, end + 7) & DNSSEC_OK) !== 0;
  return {
    kind: "query",
    id: readUint16(packet, 0),
    name: name.text,
    type: readUint16(packet, name.end),
    repeatedFlags: flags & (FLAG.RD | FLAG.CD),
    wantsAuthenticated: dnssecOk || (flags & FLAG.AD) !== 0,
    edns,
    dnssecOk,
    udpLimit: edns ? udpLimit(readUint16(packet, end + 3)) : PLAIN_UDP_BYTES,
    question: packet.subarray(HEADER_BYTES, end),
  };
}

/** The same query, but no longer a view on the receive buffer: for what outlives the call. */
export function keepQuery(query: Query): Query {
  return { ...query, question: query.question.slice() };
}

function malformed(problem: string, name?: string): MalformedQuery {
  return name === undefined ? { kind: "malformed", problem } : { kind: "malformed", problem, name };
}

/** Whether the bytes from `at` to the end are one OPT of version 0 whose options fit (RFC 6891 6.1.2). */
function isPlainOpt(packet: Uint8Array, at: number): boolean {
  if (at + OPT_FIXED_BYTES > packet.length) return false;
  if (packet[at] !== 0) return false;
  if (readUint16(packet, at + 1) !== TYPE.OPT) return false;
  if (packet[at + 6] !== 0) return false;
  let option = at + OPT_FIXED_BYTES;
  if (option + readUint16(packet, at + 9) !== packet.length) return false;
  while (option < packet.length) {
    if (option + 4 > packet.length) return false;
    option += 4 + readUint16(packet, option + 2);
  }
  return option === packet.length;
}

/** A size below 512 counts as 512 (RFC 6891 6.2.3); ours is the ceiling. */
function udpLimit(size: number): number {
  return Math.min(Math.max(size, PLAIN_UDP_BYTES), MAX_UDP_BYTES);
}
