/** The demo's upstream: a real DNS server on loopback, which remembers every packet that reaches it. */

import {
  type DatagramSocket,
  type Network,
  type SocketAddress,
  socketAddress,
} from "../../system/mod.ts";
import {
  encodeName,
  localAnswer,
  MAX_MESSAGE_BYTES,
  negativeAnswer,
  type Query,
  RCODE,
  readQuery,
  ReplyBuffer,
  TYPE,
  writeReply,
} from "../../wire/mod.ts";

/** Addresses that are kept for documentation (RFC 5737): nobody has them. */
const ADDRESSES: Readonly<Record<string, readonly number[]>> = {
  "api.example.com": [192, 0, 2, 10],
  "login.example.com": [192, 0, 2, 20],
};

/** A server that answers the demo's names. */
export class DemoUpstream {
  /** Every packet that came, in order. */
  readonly seen: Uint8Array[] = [];
  readonly address: SocketAddress;
  readonly #socket: DatagramSocket;
  #isClosed = false;

  constructor(network: Network) {
    this.#socket = network.bindUdp({ hostname: "127.0.0.1", port: 0 });
    this.address = socketAddress(this.#socket.addr)!;
    void this.#serve();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  async #serve(): Promise<void> {
    const buffer = new Uint8Array(MAX_MESSAGE_BYTES);
    while (!this.#isClosed) {
      try {
        const [packet, from] = await this.#socket.receive(buffer);
        this.seen.push(packet.slice());
        const query = readQuery(packet);
        const { hostname, port } = socketAddress(from)!;
        if (query.kind !== "query") continue;
        await this.#socket.send(answer(query), { transport: "udp", hostname, port });
      } catch (error) {
        if (!this.#isClosed) throw error;
      }
    }
  }
}

function answer(query: Query): Uint8Array {
  const address = ADDRESSES[query.name];
  const found = query.name === "."
    ? localAnswer(encodeName("root.invalid"), 60)
    : address !== undefined && query.type === TYPE.A
    ? localAnswer(Uint8Array.from(address), 60)
    : negativeAnswer(address === undefined ? RCODE.NXDOMAIN : RCODE.NOERROR, 60);
  const out = new ReplyBuffer();
  return writeReply(out, query, found, query.udpLimit);
}
