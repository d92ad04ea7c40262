/**
 * What an upstream said: checked against what was asked, then scrubbed.
 *
 * A response that is not ours, or is malformed anywhere, is ignored, and the wait goes on (a forged packet
 * must not end a query). Of a good one only the asked type's records at the end of the CNAME chain from the
 * asked name are kept.
 */

import { lowerByte, readUint16, readUint32, sameBytes } from "./bytes.ts";
import { CLASS_IN, FLAG, HEADER_BYTES, OPCODE_BITS, RCODE, RCODE_BITS, TYPE } from "./constants.ts";
import { type Answer, LOCAL_NEGATIVE_TTL } from "./answer.ts";
import { encodeName, isNameAt, passName } from "./name.ts";
import type { SentQuestion } from "./query.ts";
import { expandData, type RecordFrame } from "./record.ts";
import { canonicalSet, capSet, packPieces } from "./rrset.ts";
import { readSections, type Sections } from "./sections.ts";

/** The most CNAMEs that are followed from the asked name. */
const MAX_CHAIN = 16;

/**
 * The most data of the asked type in a response, with its names in full, in bytes. More fits into no message without
 * compression, so nobody's set is that large; by compression alone, thousands of records could have a megabyte.
 */
const MAX_DATA_BYTES = 65_535;

/** One for all of the many answers that have none. */
const NO_CHAIN: readonly Uint8Array[] = [];

/** How a response is to be taken. */
export type ResponseRead =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** Ours, but cut short: ask again over TCP. */
  | { readonly kind: "truncated" }
  /** Ours in all but letter case: ask again over TCP. */
  | { readonly kind: "case" }
  /** Ours, but it holds no answer: SERVFAIL, REFUSED and their like, or a mere referral. */
  | { readonly kind: "failure"; readonly rcode: number }
  /** Not ours or malformed: go on waiting. */
  | { readonly kind: "ignored"; readonly problem: string };

/**
 * Reads a packet as the response to `sent`. Never throws. `anyCase` is for TCP, where a spoofer has to guess
 * far more than the case of letters.
 */
export function readResponse(bytes: Uint8Array, sent: SentQuestion, anyCase = false): ResponseRead {
  if (bytes.length < sent.questionEnd) return ignored("shorter than the question");
  if (readUint16(bytes, 0) !== sent.id) return ignored("another ID");
  const flags = readUint16(bytes, 2);
  if (!(flags & FLAG.QR)) return ignored("not a response");
  if (flags & OPCODE_BITS) return ignored("the opcode is not QUERY");
  if (readUint16(bytes, 4) !== 1) return ignored("not exactly one question");
  const match = matchQuestion(bytes, sent);
  if (match === "other") return ignored("another question");
  if (match === "case" && !anyCase) return { kind: "case" };
  if (flags & FLAG.TC) return { kind: "truncated" };

  const sections = readSections(bytes, sent.questionEnd);
  if (sections === undefined) return ignored("a malformed record, or bytes after the last one");
  const rcode = (flags & RCODE_BITS) | sections.extendedRcode;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return { kind: "failure", rcode };
  return scrub(bytes, sent, rcode, (flags & FLAG.AD) !== 0, sections);
}

function ignored(problem: string): ResponseRead {
  return { kind: "ignored", problem };
}

function matchQuestion(bytes: Uint8Array, sent: SentQuestion): "same" | "case" | "other" {
  const got = bytes.subarray(HEADER_BYTES, sent.questionEnd);
  const asked = sent.bytes.subarray(HEADER_BYTES, sent.questionEnd);
  if (sameBytes(got, asked)) return "same";
  const nameEnd = asked.length - 4;
  const sameButForCase = asked.every((byte, i) =>
    byte === got[i] || (i < nameEnd && lowerByte(byte) === lowerByte(got[i]!))
  );
  return sameButForCase ? "case" : "other";
}

function scrub(
  bytes: Uint8Array,
  sent: SentQuestion,
  rcode: number,
  authenticated: boolean,
  sections: Sections,
): ResponseRead {
  const records = groupByOwner(sections.answer);
  const found = followChain(bytes, sent, records);
  if (found === undefined) return ignored("the data of a record does not fit its type");
  const { chain, wanted, end } = found;
  const set = rcode === RCODE.NOERROR ? collectData(bytes, wanted) : [];
  if (set === "malformed") return ignored("the data of a record does not fit its type");
  if (set === "too large") return { kind: "failure", rcode: RCODE.SERVFAIL };
  if (set.length > 0) {
    const kept = capSet(set);
    // A record too large to keep leaves nothing to tell: the name has data, so this is no NODATA.
    if (kept.length === 0) return { kind: "failure", rcode: RCODE.SERVFAIL };
    const ttl = Math.min(...chain.map((link) => link.ttl), ...wanted.map((frame) => frame.ttl));
    const targets = chain.map((link) => link.target);
    // What was validated is the whole set.
    const isWhole = kept.length === set.length;
    const data = packPieces([...targets, ...kept]);
    const answer = {
      rcode,
      chain: chain.length === 0 ? NO_CHAIN : data.splice(0, chain.length),
      data,
      ttl,
      authenticated: authenticated && isWhole,
    };
    return { kind: "answer", answer };
  }
  const soa = findSoa(bytes, sections.authority, end);
  if (soa === undefined && rcode === RCODE.NOERROR && isReferral(sections)) {
    return { kind: "failure", rcode };
  }
  // Without an SOA there is no time to keep it for; a few seconds spare an upstream that never sends one.
  const ttl = soa === undefined ? LOCAL_NEGATIVE_TTL : negativeTtl(bytes, soa);
  // A name that is an alias exists: NXDOMAIN is about the end of the chain, which is not told (RFC 6604 3).
  const own = chain.length > 0 ? RCODE.NOERROR : rcode;
  return { kind: "answer", answer: { rcode: own, chain: [], data: [], ttl, authenticated } };
}

/** By the hash of the owner. */
function groupByOwner(frames: readonly RecordFrame[]): Map<number, RecordFrame[]> {
  const owners = new Map<number, RecordFrame[]>();
  for (const frame of frames) {
    if (frame.class !== CLASS_IN) continue;
    const records = owners.get(frame.ownerHash);
    if (records === undefined) owners.set(frame.ownerHash, [frame]);
    else records.push(frame);
  }
  return owners;
}

interface Chain {
  readonly chain: readonly { readonly target: Uint8Array; readonly ttl: number }[];
  /** The records of the asked type at the end of the chain. */
  readonly wanted: readonly RecordFrame[];
  /** The name at the end of the chain. */
  readonly end: Uint8Array;
}

/**
 * Follows the CNAMEs from the asked name as far as they go. A loop, or a chain that is too long, ends
 * without data. Undefined where a CNAME's data is malformed.
 */
function followChain(
  bytes: Uint8Array,
  sent: SentQuestion,
  records: ReadonlyMap<number, readonly RecordFrame[]>,
): Chain | undefined {
  const chain: { target: Uint8Array; ttl: number }[] = [];
  let name = encodeName(sent.name);
  while (true) {
    const here = records.get(hashOf(name)) ?? [];
    const isHere = (frame: RecordFrame, type: number): boolean =>
      frame.type === type && isNameAt(bytes, frame.owner, name);
    const wanted = here.filter((frame) => isHere(frame, sent.type));
    const alias = here.find((frame) => isHere(frame, TYPE.CNAME));
    if (wanted.length > 0 || alias === undefined || chain.length === MAX_CHAIN) {
      return { chain, wanted, end: name };
    }
    const target = expandData(bytes, alias);
    if (target === undefined) return undefined;
    chain.push({ target, ttl: alias.ttl });
    name = target;
  }
}

/** The data of an RRset, in canonical order. */
function collectData(
  bytes: Uint8Array,
  frames: readonly RecordFrame[],
): Uint8Array[] | "malformed" | "too large" {
  const set: Uint8Array[] = [];
  let size = 0;
  for (const frame of frames) {
    const data = expandData(bytes, frame);
    if (data === undefined) return "malformed";
    size += data.length;
    if (size > MAX_DATA_BYTES) return "too large";
    set.push(data);
  }
  return canonicalSet(set);
}

/** The first SOA whose owner is `name` or above it: any other does not speak for it. */
function findSoa(
  bytes: Uint8Array,
  frames: readonly RecordFrame[],
  name: Uint8Array,
): RecordFrame | undefined {
  const above = new Map<number, Uint8Array>();
  for (let at = 0; at < name.length; at += 1 + name[at]!) {
    const ancestor = name.subarray(at);
    above.set(hashOf(ancestor), ancestor);
  }
  return frames.find((frame) => {
    if (frame.type !== TYPE.SOA || frame.class !== CLASS_IN) return false;
    const ancestor = above.get(frame.ownerHash);
    return ancestor !== undefined && isNameAt(bytes, frame.owner, ancestor);
  });
}

function hashOf(wire: Uint8Array): number {
  return passName(wire, 0)!.hash;
}

/** The lesser of the SOA's TTL and its MINIMUM, in s (RFC 2308 5). */
function negativeTtl(bytes: Uint8Array, soa: RecordFrame): number {
  if (soa.dataEnd - soa.dataStart < 22) return 0;
  const minimum = readUint32(bytes, soa.dataEnd - 4);
  return Math.min(soa.ttl, minimum > 0x7fffffff ? 0 : minimum);
}

/** A pointer to other servers, from a server that does not recurse (RFC 2308 2.2). */
function isReferral(sections: Sections): boolean {
  return sections.answer.length === 0 && sections.authority.some((frame) => frame.type === TYPE.NS);
}
