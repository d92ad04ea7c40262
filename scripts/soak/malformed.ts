/** Queries that nobody may answer. */

import type { SeededRandom } from "../../tests/support/seeded_random.ts";

/** Each takes a good query and spoils it; some take its end, some add to it. */
const SPOILS: readonly ((packet: Uint8Array) => Uint8Array)[] = [
  (packet) => changed(packet, 2, 0x80), // a response
  (packet) => changed(packet, 2, 0x20), // another opcode
  (packet) => changed(packet, 5, 2), // two questions
  (packet) => changed(packet, 7, 1), // a record in the answer
  (packet) => changed(packet, 9, 1), // a record in the authority section
  (packet) => changed(packet, 12, 0xc0), // a compressed name
  (packet) => changed(packet, 12, 0x40), // a label of another kind
  (packet) => Uint8Array.from([...packet, 0]), // a byte after the end
  (packet) => packet.slice(0, 14), // half of a name
  (packet) => packet.slice(0, 12), // no question
];

/** A query as nobody may answer it. */
export function malform(packet: Uint8Array, random: SeededRandom): Uint8Array {
  return SPOILS[random.below(SPOILS.length)]!(packet);
}

function changed(packet: Uint8Array, at: number, bits: number): Uint8Array {
  const copy = packet.slice();
  copy[at]! |= bits;
  return copy;
}
