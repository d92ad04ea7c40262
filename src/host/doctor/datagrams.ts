/** One exchange of datagrams with one address. */

import {
  anyAddressFor,
  closeQuietly,
  type SocketAddress,
  socketAddress,
} from "../../system/mod.ts";
import { MAX_MESSAGE_BYTES } from "../../wire/mod.ts";
import type { Tries } from "./finding.ts";

/** After how long the packets are sent once more, in ms: the first ones may have got lost. */
const SECOND_TRY = 1000;

/**
 * Sends packets to an address, and hands what comes back from just there to `take`, until that returns true or the
 * limit is reached. Rejects with the system's error.
 */
export async function exchangeDatagrams(
  { network, clock, limit }: Tries,
  to: SocketAddress,
  packets: readonly Uint8Array[],
  take: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const socket = network.bindUdp({ hostname: anyAddressFor(to.hostname), port: 0 });
  const close = (): void => closeQuietly(socket);
  limit.addEventListener("abort", close);
  const sendAll = async (): Promise<void> => {
    for (const packet of packets) await socket.send(packet, { transport: "udp", ...to });
  };
  // What fails the second time has failed to get lost the first time.
  const cancel = clock.setTimer(SECOND_TRY, () => void sendAll().catch(() => {}));
  try {
    await sendAll();
    const buffer = new Uint8Array(MAX_MESSAGE_BYTES);
    while (true) {
      const [bytes, addr] = await socket.receive(buffer);
      const from = socketAddress(addr);
      if (from?.hostname === to.hostname && from.port === to.port && take(bytes)) return;
    }
  } catch (error) {
    if (!limit.aborted) throw error;
  } finally {
    cancel();
    limit.removeEventListener("abort", close);
    close();
  }
}
