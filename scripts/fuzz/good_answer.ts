/** The right answer to a question. */

import { record, wireName } from "../../tests/support/packets.ts";
import { respond } from "../../tests/support/upstream_answers.ts";

/** Data that is right for a type. */
export function goodData(type: number): number[] {
  const name = wireName("good.example");
  switch (type) {
    case 1:
      return [203, 0, 113, 77];
    case 28:
      return [0x20, 1, 13, 0xb8, ...Array(11).fill(0), 77];
    case 6:
      return [...name, ...name, ...Array(20).fill(1)];
    case 15:
      return [0, 77, ...name];
    case 33:
      return [0, 1, 0, 1, 0, 77, ...name];
    case 35:
      return [0, 1, 0, 1, 0, 0, 0, ...name];
    case 64:
    case 65:
      return [0, 77, ...name];
    case 16:
      return [4, ...wireName("good").slice(1, 5)];
    default:
      return name;
  }
}

/** The message that holds it. */
export function goodAnswer(asked: Uint8Array, type: number): Uint8Array {
  return respond(asked, { answer: [record([0xc0, 12], type, 60, goodData(type))] });
}
