/** Queries over UDP. */

import {
  type Clock,
  type DatagramSocket,
  sleep,
  type SocketAddress,
  socketAddress,
} from "../system/mod.ts";
import { MAX_MESSAGE_BYTES } from "../wire/mod.ts";
import type { Client, Handler } from "./handler.ts";
import type { Pauses } from "./pauses.ts";

/** Receive loops on one socket: while one sends, the next receives. */
const LOOPS = 4;

/** How long to leave a socket alone that could not receive, in ms. */
const PAUSE = 100;

/** Serves one UDP socket until it is closed. Nothing that a client sends can end it, nor can a failing send. */
export class UdpService {
  #isClosed = false;
  #isStopping = false;
  /** Replies that are on their way out, or still to come. */
  #owed = 0;
  readonly #loops: Promise<void>[] = [];

  constructor(
    readonly socket: DatagramSocket,
    readonly handler: Handler,
    readonly clock: Clock,
    readonly pauses: Pauses,
  ) {
    for (let i = 0; i < LOOPS; i++) this.#loops.push(this.#serve());
  }

  /** Whether a reply is owed to any client. */
  get isBusy(): boolean {
    return this.#owed > 0;
  }

  /** Takes no more queries; replies can still be sent. */
  stopReceiving(): void {
    this.#isStopping = true;
  }

  /** Gives the socket back; resolves when the system has it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.socket.close();
    await Promise.all(this.#loops);
  }

  async #serve(): Promise<void> {
    const buffer = new Uint8Array(MAX_MESSAGE_BYTES);
    const out = new Uint8Array(MAX_MESSAGE_BYTES);
    while (!this.#isClosed) {
      try {
        const [packet, from] = await this.socket.receive(buffer);
        const to = socketAddress(from);
        if (to === undefined || this.#isStopping) continue;
        const client: Client = { address: to.hostname, transport: "udp" };
        const reply = this.handler.handle(packet, client, out);
        if (reply instanceof Promise) void this.#sendLater(reply, to);
        else if (reply !== undefined) await this.#send(reply, to);
        const pause = this.pauses.afterPacket();
        if (pause !== undefined) await pause;
      } catch {
        if (!this.#isClosed) await sleep(this.clock, PAUSE);
      }
    }
  }

  async #sendLater(reply: Promise<Uint8Array | undefined>, to: SocketAddress): Promise<void> {
    this.#owed++;
    await this.#send(await reply, to);
    this.#owed--;
  }

  /** A reply that cannot be sent (a port of 0, a client that no permission covers) is lost, as UDP may. */
  async #send(reply: Uint8Array | undefined, { hostname, port }: SocketAddress): Promise<void> {
    if (reply === undefined || this.#isClosed) return;
    this.#owed++;
    try {
      await this.socket.send(reply, { transport: "udp", hostname, port });
    } catch {
      // The client asks again, or it was never meant to hear.
    }
    this.#owed--;
  }
}
