/** What a client got, read by a library that is not the code under test. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import packet from "dns-packet";

/** A record of a reply, as people write it. */
export interface ReadRecord {
  readonly owner: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: string;
}

/** A reply. */
export interface ReadReply {
  readonly id: number;
  readonly rcode: string;
  readonly question: string;
  readonly answers: readonly ReadRecord[];
  readonly authority: readonly ReadRecord[];
  readonly isTruncated: boolean;
  readonly isAuthenticated: boolean;
  readonly hasOpt: boolean;
  /** The extended error's number; undefined where there is none. */
  readonly extendedError: number | undefined;
}

interface LibraryRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: unknown;
  readonly options?: readonly { readonly code: number; readonly data: Uint8Array }[];
}

/** Reads a reply. Throws where any of it cannot be read, or is not how a reply should be. */
export function readReply(bytes: Uint8Array): ReadReply {
  // deno-lint-ignore no-explicit-any -- the library's own types do not know what it returns
  const message = packet.decode(Buffer.from(bytes)) as any;
  assert.equal(packet.decode.bytes, bytes.length, "bytes after the end of a reply");
  assert.ok(message.flag_qr && message.flag_ra, "a reply without QR or RA");
  assert.equal(message.questions.length, 1);
  const [question] = message.questions;
  const additional: readonly LibraryRecord[] = message.additionals;
  assert.ok(additional.every(({ type }) => type === "OPT"), "more than an OPT in additional");
  const error = additional[0]?.options?.find(({ code }) => code === 15)?.data;
  return {
    id: message.id,
    rcode: message.rcode,
    question: `${question.name} ${question.type}`,
    answers: message.answers.map(toRecord),
    authority: message.authorities.map(toRecord),
    isTruncated: message.flag_tc,
    isAuthenticated: message.flag_ad,
    hasOpt: additional.length > 0,
    extendedError: error && (error[0]! << 8 | error[1]!),
  };
}

function toRecord({ name, type, ttl, data }: LibraryRecord): ReadRecord {
  return { owner: name.toLowerCase(), type, ttl, data: dataText(type, data) };
}

function dataText(type: string, data: unknown): string {
  if (type === "MX") {
    const { preference, exchange } = data as { preference: number; exchange: string };
    return `${preference} ${exchange}`;
  }
  if (type === "TXT") return [data].flat().map((one) => `"${one}"`).join(" ");
  return typeof data === "string" ? data : JSON.stringify(data);
}
