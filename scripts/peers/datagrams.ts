/** Datagrams: those that come, and the IDs of those that go. */

import { u16 } from "../../tests/support/packets.ts";

/** Uses every reply of two bytes and more until the socket is closed. */
export async function readAll(
  socket: Deno.DatagramConn,
  use: (reply: Uint8Array) => void,
): Promise<void> {
  const buffer = new Uint8Array(65_535);
  try {
    while (true) {
      const [reply] = await socket.receive(buffer);
      if (reply.length >= 2) use(reply.slice());
    }
  } catch {
    // It is closed.
  }
}

/** A copy of a packet with an ID. */
export function withId(packet: Uint8Array, id: number): Uint8Array {
  const copy = packet.slice();
  // A packet of one byte or none has no room for it, and nobody can answer it.
  copy.set(u16(id).slice(0, copy.length));
  return copy;
}
