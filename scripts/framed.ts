/** Messages over TCP, each behind its length (RFC 1035 4.2.2), for upstreams that are made here. */

import { u16 } from "../tests/support/packets.ts";

/** The messages that come on a connection, until its other side ends it. */
export async function* readFramed(
  connection: Pick<Deno.Conn, "read">,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held = new Uint8Array();
  const buffer = new Uint8Array(65_537);
  while (true) {
    const count = await connection.read(buffer);
    if (count === null) return;
    held = Uint8Array.from([...held, ...buffer.subarray(0, count)]);
    while (held.length >= 2 && held.length >= 2 + (held[0]! << 8 | held[1]!)) {
      const end = 2 + (held[0]! << 8 | held[1]!);
      const message = held.slice(2, end);
      held = held.slice(end);
      yield message;
    }
  }
}

/** A message with its length in front. */
export function framed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...u16(message.length), ...message]);
}
