/** The messages of the soak: what an upstream reads and says, and what a client reads. */

import { Buffer } from "node:buffer";
import packet from "dns-packet";
import ipaddr from "ipaddr.js";
import { opt, record, responseTo, u32, wireName } from "../../tests/support/packets.ts";
import type { Heard, HeardRecord } from "./judge.ts";
import { aliasOf, dataOf, NEGATIVE_TTL, truthOf } from "./truth.ts";

/** The question of a message that an upstream got. */
export interface AskedUpstream {
  /** In small letters. */
  readonly name: string;
  readonly type: number;
  /** The place after it. */
  readonly end: number;
  /** How large a reply over UDP may be, in bytes. */
  readonly size: number;
  readonly hasOpt: boolean;
}

const TYPE_CNAME = 5;
const TYPE_SOA = 6;
const TYPE_OPT = 41;

/** Reads a question; undefined where it is none. */
export function readAsked(message: Uint8Array): AskedUpstream | undefined {
  if (message.length < 17 || (message[2]! & 0x80) !== 0 || message[5] !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    if (length > 63 || at + length + 6 > message.length) return undefined;
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const type = message[at + 1]! << 8 | message[at + 2]!;
  const end = at + 5;
  const hasOpt = message.length >= end + 11 && message[end + 2] === TYPE_OPT;
  const size = hasOpt ? Math.max(512, message[end + 3]! << 8 | message[end + 4]!) : 512;
  return { name: labels.join(".").toLowerCase(), type, end, size, hasOpt };
}

const SOA = [...wireName("ns.soak.example"), ...wireName("root.soak.example")]
  .concat(...[1, 3600, 600, 86_400, NEGATIVE_TTL].map(u32));

/** The true answer to a question at a time (ms since the start), as the server with this number says it. */
export function answerTrue(
  message: Uint8Array,
  asked: AskedUpstream,
  time: number,
  server: number,
): Uint8Array {
  const { name, type, end, hasOpt } = asked;
  const { kind, ttl } = truthOf(name, type);
  const additional = hasOpt ? [opt()] : [];
  if (kind === "nxdomain" || kind === "nodata") {
    const authority = [record("soak.example", TYPE_SOA, NEGATIVE_TTL, SOA)];
    return responseTo(message, end, { authority, additional, rcode: kind === "nodata" ? 0 : 3 });
  }
  const real = kind === "alias" ? aliasOf(name) : name;
  const owner = kind === "alias" ? wireName(real) : [0xc0, 12];
  const alias = kind === "alias" ? [record([0xc0, 12], TYPE_CNAME, ttl, owner)] : [];
  const data = dataOf(real, type, time, server).map((one) => record(owner, type, ttl, one));
  return responseTo(message, end, { answer: [...alias, ...data], additional });
}

/** The same message as far as it is sent when it is too large for UDP. */
export function truncate(message: Uint8Array, end: number): Uint8Array {
  const cut = message.slice(0, end);
  cut[2]! |= 2;
  cut.fill(0, 6, 12);
  return cut;
}

/** Reads a reply as a library reads it that is not the program's own. Throws where it cannot be read. */
export function readHeard(bytes: Uint8Array, at: number): Heard {
  // deno-lint-ignore no-explicit-any -- the library's own types do not know what it returns
  const message = packet.decode(Buffer.from(bytes)) as any;
  return {
    at,
    rcode: message.rcode,
    isTruncated: message.flag_tc,
    records: message.answers.map(readRecord),
    hasSoa: message.authorities.some((one: { type: string }) => one.type === "SOA"),
  };
}

function readRecord(
  { name, type, ttl, data }: { name: string; type: string; ttl: number; data: unknown },
): HeardRecord {
  const isAddress = type === "A" || type === "AAAA";
  return {
    name: name.toLowerCase(),
    type,
    ttl,
    data: isAddress ? ipaddr.parse(String(data)).toByteArray() : String(data).toLowerCase(),
  };
}
