/**
 * The question that goes upstream, written from scratch: of the client's bytes only the choice of a
 * listed name and type is in it.
 */

import type { Random } from "../system/mod.ts";
import { writeBytes, writeUint16 } from "./bytes.ts";
import { CLASS_IN, FLAG, HEADER_BYTES, MAX_UDP_BYTES, OPTION_PADDING, TYPE } from "./constants.ts";
import type { Question } from "./gate.ts";
import { encodeName } from "./name.ts";

/** A question as it was sent, kept to check the answer against. */
export interface SentQuestion extends Question {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** The place after the question, where an answer's records begin. */
  readonly questionEnd: number;
}

const OPT_BYTES = 11;

/** An EDNS option's code and length. */
const OPTION_BYTES = 4;

/** What the length of a padded question is a multiple of, in bytes. */
const PADDED_TO = 128;

/**
 * Writes a question: our ID, RD, a random letter case (0x20), our OPT with 1232 bytes and no option but padding
 * (RFC 1035 4.1, RFC 6891 6.1.2). `askAuthenticated` sets AD: "tell me whether it is validated" (RFC 6840 5.7), for
 * an upstream whose word counts. `isPadded` fills up to a multiple of 128 bytes, so that the length of what is
 * encrypted tells nothing (RFC 7830 3, RFC 8467 4.1).
 */
export function writeQuestion(
  question: Question,
  id: number,
  askAuthenticated: boolean,
  random: Random,
  isPadded = false,
): SentQuestion {
  const name = encodeName(question.name);
  randomizeCase(name, random);
  const questionEnd = HEADER_BYTES + name.length + 4;
  const plainEnd = questionEnd + OPT_BYTES;
  const end = isPadded ? Math.ceil((plainEnd + OPTION_BYTES) / PADDED_TO) * PADDED_TO : plainEnd;
  const bytes = new Uint8Array(end);
  writeUint16(bytes, 0, id);
  writeUint16(bytes, 2, FLAG.RD | (askAuthenticated ? FLAG.AD : 0));
  writeUint16(bytes, 4, 1);
  writeUint16(bytes, 10, 1);
  let at = writeBytes(bytes, HEADER_BYTES, name);
  at = writeUint16(bytes, at, question.type);
  at = writeUint16(bytes, at, CLASS_IN);
  at = writeUint16(bytes, at + 1, TYPE.OPT);
  writeUint16(bytes, at, MAX_UDP_BYTES);
  if (isPadded) {
    writeUint16(bytes, plainEnd - 2, end - plainEnd);
    writeUint16(bytes, plainEnd, OPTION_PADDING);
    writeUint16(bytes, plainEnd + 2, end - plainEnd - OPTION_BYTES);
  }
  return { name: question.name, type: question.type, id, bytes, questionEnd };
}

/** Turns letters into capitals by the toss of a coin. A length byte is never a letter: it is below 64. */
function randomizeCase(name: Uint8Array, random: Random): void {
  let coins = 0;
  let left = 0;
  for (let i = 0; i < name.length; i++) {
    const byte = name[i]!;
    if (byte < 0x61 || byte > 0x7a) continue;
    if (left === 0) {
      coins = random.uint16();
      left = 16;
    }
    if (coins & 1) name[i] = byte & 0xdf;
    coins >>>= 1;
    left--;
  }
}
