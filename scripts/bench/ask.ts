/** Questions to a server that may not be there yet. */

import { query } from "../../tests/support/packets.ts";
import { sleep } from "../sleep.ts";

/** How long to wait before asking again, in ms. */
const RETRY = 2;

/**
 * Asks for a name again and again until an address comes, or until `isOver` says that none will; whether one came.
 */
export async function askUntilAnswered(
  port: number,
  name: string,
  isOver: () => boolean,
): Promise<boolean> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  let hasAnswered = false;
  const receive = async (): Promise<void> => {
    while (!hasAnswered) {
      const [reply] = await socket.receive();
      hasAnswered = (reply[3]! & 15) === 0;
    }
  };
  const received = receive().catch(() => {});
  while (!hasAnswered && !isOver()) {
    await socket.send(query({ name }), { transport: "udp", hostname: "127.0.0.1", port })
      .catch(() => {});
    await sleep(RETRY);
  }
  socket.close();
  await received;
  return hasAnswered;
}
