/** Encrypted ways: DoT (RFC 7858) and DoH (RFC 8484) over TCP, DoQ (RFC 9250) and DoH over QUIC. */

import { closeQuietly, type Random, type SocketAddress } from "../../system/mod.ts";
import { exchangeDatagrams } from "./datagrams.ts";
import { type Outcome, SILENCE, type Tries } from "./finding.ts";

/** Whether a connection opens: TLS over it is then up to whoever has it. */
export async function openTcp(to: SocketAddress, { network, limit }: Tries): Promise<Outcome> {
  closeQuietly(await network.dialTcp(to, limit));
  return { state: "open", note: "the connection opens" };
}

/** Whether a QUIC server answers: to a version that is none, each says which it has (RFC 9000 6.1). */
export async function knockQuic(to: SocketAddress, tries: Tries): Promise<Outcome> {
  let isAnswered = false;
  await exchangeDatagrams(tries, to, [writeKnock(tries.random)], () => isAnswered = true);
  return isAnswered ? { state: "open", note: "it answers" } : SILENCE;
}

/** The least that a server takes for a first packet, in bytes (RFC 9000 14.1). */
const KNOCK_BYTES = 1200;

const ID_BYTES = 8;

/**
 * A packet with a long header, the version 0x1a2a3a4a, which is reserved for this, connection IDs of chance and
 * nothing in it (RFC 8999 5.1, RFC 9000 15).
 */
function writeKnock(random: Random): Uint8Array {
  const id = (): number[] => Array.from({ length: ID_BYTES }, () => random.below(256));
  const packet = new Uint8Array(KNOCK_BYTES);
  packet.set([0xc0, 0x1a, 0x2a, 0x3a, 0x4a, ID_BYTES, ...id(), ID_BYTES, ...id()]);
  return packet;
}
