/** The upstream: it answers every name, and keeps every question that came. */

import { frameMessages } from "../../src/wire/mod.ts";
import { readName } from "../../src/wire/name.ts";
import { u16 } from "../../tests/support/packets.ts";
import { readMessage } from "../../tests/support/real_upstream.ts";
import { SOA, type Truth, truthOf } from "./truth.ts";

/** One question that came. */
export interface Arrival {
  /** As `src/wire/name.ts` writes it: in small letters. */
  readonly name: string;
  readonly type: number;
}

const OPT = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0];
const PLAIN_UDP_BYTES = 512;
const OPT_TYPE = 41;

/** An upstream at an address, over UDP and TCP, until the process ends. */
export class Upstream {
  readonly arrivals: Arrival[] = [];

  constructor(address: { readonly hostname: string; readonly port: number }) {
    const udp = Deno.listenDatagram({ transport: "udp", ...address });
    const tcp = Deno.listen(address);
    void this.#serveUdp(udp);
    void this.#serveTcp(tcp);
  }

  async #serveUdp(udp: Deno.DatagramConn): Promise<void> {
    const buffer = new Uint8Array(65_535);
    while (true) {
      const [bytes, from] = await udp.receive(buffer);
      const reply = this.#reply(bytes, true);
      if (reply !== undefined) await udp.send(reply, from).catch(() => {});
    }
  }

  async #serveTcp(tcp: Deno.Listener): Promise<void> {
    for await (const connection of tcp) void this.#answer(connection).catch(() => {});
  }

  async #answer(connection: Deno.Conn): Promise<void> {
    for (let message; (message = await readMessage(connection)) !== null;) {
      const reply = this.#reply(message, false);
      if (reply !== undefined) await connection.write(frameMessages(reply));
    }
    connection.close();
  }

  /** Notes the question and answers it; undefined where it cannot be read. */
  #reply(asked: Uint8Array, isUdp: boolean): Uint8Array | undefined {
    const question = asked.length > 12 ? readName(asked, 12) : undefined;
    if (question === undefined) return undefined;
    const { text, end } = question;
    const type = asked[end]! << 8 | asked[end + 1]!;
    this.arrivals.push({ name: text, type });
    const reply = replyTo(asked, end + 4, truthOf(text, type), false);
    const hasOpt = asked[11]! > 0 && asked[end + 6] === OPT_TYPE;
    const room = hasOpt ? asked[end + 7]! << 8 | asked[end + 8]! : PLAIN_UDP_BYTES;
    return isUdp && reply.length > Math.max(room, PLAIN_UDP_BYTES)
      ? replyTo(asked, end + 4, { rcode: 0, answers: [] }, true)
      : reply;
  }
}

function replyTo(
  asked: Uint8Array,
  end: number,
  { rcode, answers }: Truth,
  isTruncated: boolean,
): Uint8Array {
  const needsSoa = answers.length === 0 && !isTruncated;
  const hasOpt = asked[11]! > 0;
  return Uint8Array.from([
    ...asked.subarray(0, 2),
    ...(isTruncated ? [0x83, 0x80] : [0x81, 0x80 | rcode]),
    ...[1, answers.length, needsSoa ? 1 : 0, hasOpt ? 1 : 0].flatMap(u16),
    ...asked.subarray(12, end),
    ...answers.flat(),
    ...(needsSoa ? SOA : []),
    ...(hasOpt ? OPT : []),
  ]);
}
