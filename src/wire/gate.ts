/**
 * The strict gate: one linear reader of a client's query, from the receive buffer.
 *
 * Each line of {@linkcode QueryReader.read} is one reason to stop. What it lets through is a plain query:
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
import { typeName } from "./types.ts";
import { WireName } from "./wire_name.ts";

/** What is asked: a name (as `name.ts` writes it) and a type's number. */
export interface Question {
  readonly name: string;
  readonly type: number;
}

/** A client's query that passed the gate. */
export interface Query extends Question {
  readonly kind: "query";
  /** The name of the type, or `TYPE65280` where it has none. */
  readonly typeName: string;
  /** The name as it is looked up. */
  readonly wire: WireName;
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
  /** The query; its question, with the client's letter case, lies between the header and `questionEnd`. */
  readonly message: Uint8Array;
  readonly questionEnd: number;
}

/** A packet that is not a plain query. */
export interface MalformedQuery {
  readonly kind: "malformed";
  /** What is wrong with it, for a person. */
  readonly problem: string;
  /** The first question's name, where it could be read. */
  readonly name: string | undefined;
}

const OPT_FIXED_BYTES = 11;

/** The query that was read last. Its name is made a text only where someone asks for it. */
class LastQuery implements Query {
  readonly kind = "query";
  readonly wire = new WireName();
  type = 0;
  id = 0;
  repeatedFlags = 0;
  wantsAuthenticated = false;
  edns = false;
  dnssecOk = false;
  udpLimit = PLAIN_UDP_BYTES;
  message: Uint8Array = new Uint8Array(0);
  questionEnd = 0;

  get name(): string {
    return this.wire.text;
  }

  get typeName(): string {
    return typeName(this.type);
  }
}

/** The packet that was read last and is no query. */
class LastMalformed implements MalformedQuery {
  readonly kind = "malformed";
  problem = "";
  hasName = false;

  constructor(readonly wire: WireName) {}

  get name(): string | undefined {
    return this.hasName ? this.wire.text : undefined;
  }
}

/** Reads one query after the other, and hands out the same two objects again and again: a query costs no memory. */
export class QueryReader {
  readonly #query = new LastQuery();
  readonly #malformed = new LastMalformed(this.#query.wire);

  /**
   * Reads a packet as a client's query (RFC 1035 4.1, RFC 6891 6.1). What it returns holds until the next call, and
   * as long as the packet's bytes stay: {@linkcode keepQuery} is for what outlives that. Never throws.
   */
  read(packet: Uint8Array): Query | MalformedQuery {
    if (packet.length < HEADER_BYTES) return this.#refuse("shorter than a header");
    const flags = readUint16(packet, 2);
    if (flags & FLAG.QR) return this.#refuse("a response");
    if (flags & OPCODE_BITS) return this.#refuse("the opcode is not QUERY");
    if (readUint16(packet, 4) !== 1) return this.#refuse("not exactly one question");
    if (readUint16(packet, 6) !== 0) return this.#refuse("records in the answer section");
    if (readUint16(packet, 8) !== 0) return this.#refuse("records in the authority section");
    const additional = readUint16(packet, 10);
    if (additional > 1) return this.#refuse("more than one additional record");

    const query = this.#query;
    const nameEnd = query.wire.read(packet, HEADER_BYTES);
    if (nameEnd === 0) return this.#refuse("the name is malformed or compressed");
    const end = nameEnd + 4;
    if (end > packet.length) return this.#refuse("ends within the question", true);
    if (readUint16(packet, nameEnd + 2) !== CLASS_IN) {
      return this.#refuse("the class is not IN", true);
    }

    const edns = additional === 1;
    if (edns && !isPlainOpt(packet, end)) {
      return this.#refuse("the additional record is not one well-formed OPT", true);
    }
    if (!edns && packet.length !== end) return this.#refuse("bytes after the question", true);
    const dnssecOk = edns && (readUint16(packet, end + 7) & DNSSEC_OK) !== 0;
    query.type = readUint16(packet, nameEnd);
    query.id = readUint16(packet, 0);
    query.repeatedFlags = flags & (FLAG.RD | FLAG.CD);
    query.wantsAuthenticated = dnssecOk || (flags & FLAG.AD) !== 0;
    query.edns = edns;
    query.dnssecOk = dnssecOk;
    query.udpLimit = edns ? udpLimit(readUint16(packet, end + 3)) : PLAIN_UDP_BYTES;
    query.message = packet;
    query.questionEnd = end;
    return query;
  }

  #refuse(problem: string, hasName = false): MalformedQuery {
    this.#malformed.problem = problem;
    this.#malformed.hasName = hasName;
    return this.#malformed;
  }
}

/** Reads one packet with a {@linkcode QueryReader} of its own. Never throws. */
export function readQuery(packet: Uint8Array): Query | MalformedQuery {
  return new QueryReader().read(packet);
}

/** The same query for what outlives the call: it holds nothing of the receive buffer or of the reader. */
export function keepQuery(query: Query): Query {
  const { name, type, id, repeatedFlags, wantsAuthenticated, edns, dnssecOk, udpLimit } = query;
  return {
    kind: "query",
    name,
    get wire(): WireName {
      return WireName.of(name);
    },
    get typeName(): string {
      return typeName(type);
    },
    type,
    id,
    repeatedFlags,
    wantsAuthenticated,
    edns,
    dnssecOk,
    udpLimit,
    message: query.message.slice(0, query.questionEnd),
    questionEnd: query.questionEnd,
  };
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
