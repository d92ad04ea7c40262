/** Replies, read by a library that is not the code under test. */

import { Buffer } from "node:buffer";
import packet from "dns-packet";

/** What a test looks at in a reply. */
export interface DecodedReply {
  readonly id: number;
  readonly rcode: string;
  /** Data of the answers, in order. */
  readonly answers: readonly string[];
  /** The types in the authority section. */
  readonly authority: readonly string[];
  readonly ttl: number | undefined;
  readonly isTruncated: boolean;
  readonly isAuthenticated: boolean;
  /** The extended error's number; undefined where there is none. */
  readonly extendedError: number | undefined;
  readonly hasOpt: boolean;
}

/** Reads a reply. Throws where it cannot be read. */
export function decodeReply(reply: Uint8Array): DecodedReply {
  // deno-lint-ignore no-explicit-any -- the library's own types do not know what it returns
  const message = packet.decode(Buffer.from(reply)) as any;
  const opt = message.additionals.find((one: { type: string }) => one.type === "OPT");
  const error = opt?.options.find((one: { code: number }) => one.code === 15);
  return {
    id: message.id,
    rcode: message.rcode,
    answers: message.answers.map((one: { data: unknown }) => String(one.data)),
    authority: message.authorities.map((one: { type: string }) => one.type),
    ttl: message.answers[0]?.ttl ?? message.authorities[0]?.ttl,
    isTruncated: message.flag_tc,
    isAuthenticated: message.flag_ad,
    extendedError: error === undefined ? undefined : (error.data[0] << 8) | error.data[1],
    hasOpt: opt !== undefined,
  };
}
