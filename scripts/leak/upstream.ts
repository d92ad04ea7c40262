/** An upstream that answers every question, with a TTL of 0, and keeps all that came, byte for byte. */

import { record, u16, wireName } from "../../tests/support/packets.ts";
import { readMessage } from "../../tests/support/real_upstream.ts";
import { frameMessages } from "../../src/wire/mod.ts";

/** Where it listens. */
export const UPSTREAM = { hostname: "127.0.0.53", port: 53 } as const;

/** One message that came. */
export interface Arrival {
  readonly how: "udp" | "tcp";
  readonly port: number;
  /** The number in the name; undefined where the name is none of ours. */
  readonly index: number | undefined;
  readonly bytes: Uint8Array;
}

/** Where the name of the first question ends, and where the number in it starts. */
function readName(bytes: Uint8Array): { end: number; digits: number | undefined } {
  const starts: number[] = [];
  let at = 12;
  while (at < bytes.length && bytes[at]! > 0 && bytes[at]! < 64) {
    starts.push(at);
    at += bytes[at]! + 1;
  }
  const label = starts.at(-3);
  const text = new TextDecoder("latin1").decode(bytes.subarray(label ?? 0, at));
  return {
    end: at + 1,
    digits: label !== undefined && /^.n\d{4}.example.com$/is.test(text) ? label + 2 : undefined,
  };
}

function indexIn(bytes: Uint8Array): number | undefined {
  const { digits } = readName(bytes);
  if (digits === undefined) return undefined;
  return Number(new TextDecoder().decode(bytes.subarray(digits, digits + 4)));
}

/** What is compared of an arrival: transport, port and message, with the number in the name taken out. */
export function viewOf({ how, port, bytes }: Arrival): Uint8Array {
  const message = bytes.slice();
  const { digits } = readName(message);
  if (digits !== undefined) message.fill(0x30, digits, digits + 4);
  return Uint8Array.from([how === "tcp" ? 1 : 0, ...u16(port), ...message]);
}

const ADDRESS = record([0xc0, 12], 1, 0, [192, 0, 2, 1]);
const SOA = record("example.com", 6, 0, [
  ...wireName("ns.example.com"),
  ...wireName("root.example.com"),
  ...Array(20).fill(0),
]);
const OPT = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0];

/** A reply that any resolver takes: an address for A, nothing for other types. */
function replyTo(asked: Uint8Array, isTruncated: boolean): Uint8Array {
  const { end } = readName(asked);
  const isA = asked[end] === 0 && asked[end + 1] === 1;
  const hasOpt = asked[11]! > 0;
  const [answers, authority] = isTruncated ? [0, 0] : isA ? [1, 0] : [0, 1];
  return Uint8Array.from([
    ...asked.subarray(0, 2),
    ...(isTruncated ? [0x83, 0x80] : [0x81, 0x80]),
    ...[1, answers, authority, hasOpt ? 1 : 0].flatMap(u16),
    ...asked.subarray(12, end + 4),
    ...(answers ? ADDRESS : []),
    ...(authority ? SOA : []),
    ...(hasOpt ? OPT : []),
  ]);
}

/** The upstream. */
export class Upstream {
  readonly arrivals: Arrival[] = [];
  /** Names from this number on get truncated answers over UDP. */
  truncateFrom = Infinity;
  readonly #udp = Deno.listenDatagram({ transport: "udp", ...UPSTREAM });
  readonly #tcp = Deno.listen(UPSTREAM);

  constructor() {
    void this.#serveUdp();
    void this.#serveTcp();
  }

  #note(how: Arrival["how"], port: number, bytes: Uint8Array): number | undefined {
    const index = indexIn(bytes);
    this.arrivals.push({ how, port, index, bytes });
    return index;
  }

  async #serveUdp(): Promise<void> {
    const buffer = new Uint8Array(65_535);
    while (true) {
      const [bytes, from] = await this.#udp.receive(buffer);
      const index = this.#note("udp", (from as Deno.NetAddr).port, bytes.slice());
      const reply = replyTo(bytes, index !== undefined && index >= this.truncateFrom);
      await this.#udp.send(reply, from).catch(() => {});
    }
  }

  async #serveTcp(): Promise<void> {
    for await (const connection of this.#tcp) void this.#answer(connection).catch(() => {});
  }

  async #answer(connection: Deno.TcpConn): Promise<void> {
    for (let bytes; (bytes = await readMessage(connection)) !== null;) {
      const index = this.#note("tcp", connection.remoteAddr.port, bytes);
      await connection.write(frameMessages(replyTo(bytes, false)));
      // Each question then needs a connection, and a port, of its own: the most that there is to steer.
      if (index !== undefined && index >= this.truncateFrom) break;
    }
    connection.close();
  }
}
