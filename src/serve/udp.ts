/** Queries over UDP. */

import {
  type Clock,
  type DatagramAddress,
  datagramAddress,
  type DatagramSocket,
  sleep,
} from "../system/mod.ts";
import { MAX_MESSAGE_BYTES } from "../wire/mod.ts";
import type { Handler } from "./handler.ts";
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
        const to = datagramAddress(from);
        if (to === undefined || this.#isStopping) continue;
        const reply = this.handler.handle(packet, to.hostname, "udp", out);
        if (reply instanceof Promise) void this.#sendLater(reply, to);
        else if (reply !== undefined) {
          this.#owed++;
          try {
            await this.socket.send(reply, to);
          } catch {
            // A port of 0, a client that no permission covers: it is lost, as UDP may. Whoever is one asks again.
          }
          this.#owed--;
        }
        const pause = this.pauses.afterPacket();
        if (pause !== undefined) await pause;
      } catch {
        if (!this.#isClosed) await sleep(this.clock, PAUSE);
      }
    }
  }

  async #sendLater(reply: Promise<Uint8Array | undefined>, to: DatagramAddress): Promise<void> {
    this.#owed++;
    const late = await reply;
    try {
      if (late !== undefined && !this.#isClosed) await this.socket.send(late, to);
    } catch {
      // Lost, as above.
    }
    this.#owed--;
  }
}
