/** The reply that a client gets, written from scratch into a buffer that the caller reuses. */

import { readUint16, sameBytes, writeBytes, writeUint16, writeUint32 } from "./bytes.ts";
import { type Answer, recordsSize } from "./answer.ts";
import {
  CLASS_IN,
  DNSSEC_OK,
  FLAG,
  HEADER_BYTES,
  MAX_UDP_BYTES,
  OPTION_EXTENDED_ERROR,
  RCODE,
  TYPE,
} from "./constants.ts";
import type { Query } from "./gate.ts";
import { encodeName } from "./name.ts";
import type { SentQuestion } from "./query.ts";
import type { ReplyBuffer } from "./reply_buffer.ts";
import { readResponse } from "./response.ts";
import { readSections } from "./sections.ts";

const POINTER = 0xc000;

const OURS = encodeName("fw-dns.invalid");
const SOA_SERVERS = [OURS, encodeName("nobody.invalid")];
const [SERIAL, REFRESH, RETRY, EXPIRE] = [1, 3600, 600, 86400];

/**
 * Writes the reply to `query` into `out` and returns it as a view on that. `limit`: the most that it may measure, in bytes; past it, TC is set and the records are left
 * out. `age`: how long ago the answer came, in s; taken off its TTL. `turn`: which record stands first, as a running
 * number, so that clients that take the first spread. RFC 1035 4.1; an OPT is answered with an OPT (RFC 6891 7); a
 * negative answer has an SOA (RFC 2308 3); what is too large goes without its records (RFC 2181 9).
 */
export function writeReply(
  out: ReplyBuffer,
  query: Query,
  answer: Answer,
  limit: number,
  age = 0,
  turn = 0,
): Uint8Array {
  const { bytes } = out;
  const ttl = Math.max(0, answer.ttl - age);
  // What is far too large is not written in vain.
  if (recordsSize(answer) <= limit) {
    const end = writeOpt(bytes, writeRecords(bytes, query, answer, ttl, turn), query, answer);
    if (end <= limit) return out.first(end);
  }
  const end = writeOpt(bytes, writeHeader(bytes, query, answer, FLAG.TC), query, answer);
  return out.first(end);
}

function writeHeader(out: Uint8Array, query: Query, answer: Answer, truncated: number): number {
  const authenticated = answer.authenticated && query.wantsAuthenticated ? FLAG.AD : 0;
  writeUint16(out, 0, query.id);
  writeUint16(
    out,
    2,
    FLAG.QR | query.repeatedFlags | FLAG.RA | authenticated | truncated | answer.rcode,
  );
  writeUint16(out, 4, 1);
  writeUint32(out, 6, 0);
  writeUint16(out, 10, query.edns ? 1 : 0);
  const { message, questionEnd } = query;
  for (let at = HEADER_BYTES; at < questionEnd; at++) out[at] = message[at]!;
  return questionEnd;
}

/** Writes all but the OPT. Each owner is a pointer: to the question, or to the CNAME target before it. */
function writeRecords(
  out: Uint8Array,
  query: Query,
  answer: Answer,
  ttl: number,
  turn: number,
): number {
  let at = writeHeader(out, query, answer, 0);
  if (answer.data.length === 0) {
    if (answer.rcode !== RCODE.NOERROR && answer.rcode !== RCODE.NXDOMAIN) return at;
    writeUint16(out, 8, 1);
    return writeSoa(out, at, answer.rcode === RCODE.NXDOMAIN, ttl);
  }
  writeUint16(out, 6, answer.chain.length + answer.data.length);
  let owner = HEADER_BYTES;
  for (const target of answer.chain) {
    at = writeRecord(out, at, owner, TYPE.CNAME, ttl, target);
    owner = at - target.length;
  }
  const count = answer.data.length;
  for (let i = 0; i < count; i++) {
    at = writeRecord(out, at, owner, query.type, ttl, answer.data[(turn + i) % count]!);
  }
  return at;
}

function writeRecord(
  out: Uint8Array,
  start: number,
  owner: number,
  type: number,
  ttl: number,
  data: Uint8Array,
): number {
  let at = writeUint16(out, start, POINTER | owner);
  at = writeUint16(out, at, type);
  at = writeUint16(out, at, CLASS_IN);
  at = writeUint32(out, at, ttl);
  at = writeUint16(out, at, data.length);
  return writeBytes(out, at, data);
}

/** The SOA of ours: at the asked name, or, where that does not exist, at the name above it. */
function writeSoa(out: Uint8Array, start: number, above: boolean, ttl: number): number {
  let at = above ? writeParent(out, start) : writeUint16(out, start, POINTER | HEADER_BYTES);
  at = writeUint16(out, at, TYPE.SOA);
  at = writeUint16(out, at, CLASS_IN);
  at = writeUint32(out, at, ttl);
  const length = at;
  at += 2;
  for (const server of SOA_SERVERS) at = writeBytes(out, at, server);
  for (const number of [SERIAL, REFRESH, RETRY, EXPIRE, ttl]) at = writeUint32(out, at, number);
  writeUint16(out, length, at - length - 2);
  return at;
}

function writeParent(out: Uint8Array, at: number): number {
  const parent = HEADER_BYTES + 1 + out[HEADER_BYTES]!;
  if (out[HEADER_BYTES] !== 0 && out[parent] !== 0) return writeUint16(out, at, POINTER | parent);
  out[at] = 0;
  return at + 1;
}

function writeOpt(out: Uint8Array, start: number, query: Query, answer: Answer): number {
  if (!query.edns) return start;
  out[start] = 0;
  let at = writeUint16(out, start + 1, TYPE.OPT);
  at = writeUint16(out, at, MAX_UDP_BYTES);
  at = writeUint16(out, at, 0);
  at = writeUint16(out, at, query.dnssecOk ? DNSSEC_OK : 0);
  if (answer.extendedError === undefined) return writeUint16(out, at, 0);
  at = writeUint16(out, at, 6);
  at = writeUint16(out, at, OPTION_EXTENDED_ERROR);
  at = writeUint16(out, at, 2);
  return writeUint16(out, at, answer.extendedError);
}

/**
 * Whether a message is the negative answer of some fw-dns to `sent`: its SOA says so, whoever handed it on.
 * Never throws.
 */
export function isMadeHere(message: Uint8Array, sent: SentQuestion): boolean {
  if (readResponse(message, sent, true).kind !== "answer") return false;
  const { authority } = readSections(message, sent.questionEnd)!;
  return authority.some(({ type, dataStart }) =>
    type === TYPE.SOA && sameBytes(message.subarray(dataStart, dataStart + OURS.length), OURS)
  );
}

/** The ID of a message that has at least a header. */
export function messageId(message: Uint8Array): number {
  return readUint16(message, 0);
}
