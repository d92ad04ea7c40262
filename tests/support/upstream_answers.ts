/** What an upstream in a test says to a question that it got. */

import { readQuery } from "../../src/wire/mod.ts";
import { record, responseTo, type Sections } from "./packets.ts";

/** The place after the question of a message that holds one. */
export function questionEnd(asked: Uint8Array): number {
  const read = readQuery(asked);
  if (read.kind === "malformed") {
    throw new Error(`An upstream got a malformed query: ${read.problem}`);
  }
  return read.questionEnd;
}

/** A response to what was asked, with these sections. */
export function respond(asked: Uint8Array, sections: Sections = {}): Uint8Array {
  return responseTo(asked, questionEnd(asked), sections);
}

/** A response with one A record. */
export function respondA(asked: Uint8Array, address = "192.0.2.1", ttl = 60): Uint8Array {
  return respond(asked, { answer: [record([0xc0, 12], 1, ttl, address.split(".").map(Number))] });
}

/** The same message with one letter of the question in the other case. */
export function changeCase(message: Uint8Array): Uint8Array {
  const changed = message.slice();
  changed[13] = changed[13]! ^ 0x20;
  return changed;
}
