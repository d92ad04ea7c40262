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

/**
 * Receive loops on one socket: each turn of the event loop then serves so many packets. With 32 a query takes an eighth
 * less of the processor than with 4; with more of them it takes more again.
 */
const LOOPS = 32;

/** How long to leave a socket alone that could not receive, in ms. */
const PAUSE = 100;

/** The replies of one loop. It does not wait for one to leave before it receives, only before it writes the next. */
class Replying {
  readonly out = new Uint8Array(MAX_MESSAGE_BYTES);
  /** The last reply, until the system has taken it: up to then it may still be read from `out`. */
  sending: Promise<void> | undefined;
  readonly #onSent = (): void => {
    this.sending = undefined;
  };

  constructor(readonly socket: DatagramSocket) {}

  /** A reply that cannot be sent (a port of 0, a client that no permission covers) is lost, as UDP may. */
  send(reply: Uint8Array, to: DatagramAddress): void {
    this.sending = this.socket.send(reply, to).then(this.#onSent, this.#onSent);
  }
}

/** Serves one UDP socket until it is closed. Nothing that a client sends can end it, nor can a failing send. */
export class UdpService {
  #isClosed = false;
  #isStopping = false;
  /** Replies that are still to come. */
  #owed = 0;
  readonly #replies: Replying[] = [];
  readonly #loops: Promise<void>[] = [];

  constructor(
    readonly socket: DatagramSocket,
    readonly handler: Handler,
    readonly clock: Clock,
    readonly pauses: Pauses,
  ) {
    for (let i = 0; i < LOOPS; i++) {
      const replying = new Replying(socket);
      this.#replies.push(replying);
      this.#loops.push(this.#serve(replying));
    }
  }

  /** Whether a reply is owed to any client. */
  get isBusy(): boolean {
    return this.#owed > 0 || this.#replies.some(({ sending }) => sending !== undefined);
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

  /** As little as can be: the engine gives up on making a long `async` function fast sooner than on a plain one. */
  async #serve(replying: Replying): Promise<void> {
    const buffer = new Uint8Array(MAX_MESSAGE_BYTES);
    while (!this.#isClosed) {
      let trouble: Promise<void> | undefined;
      try {
        const received = await this.socket.receive(buffer);
        for (let wait = this.#wait(replying); wait !== undefined; wait = this.#wait(replying)) {
          await wait;
        }
        this.#take(received, replying);
      } catch {
        if (!this.#isClosed) trouble = sleep(this.clock, PAUSE);
      }
      if (trouble !== undefined) await trouble;
    }
  }

  /** What a packet that has been received has to wait for, where there is anything. */
  #wait({ sending }: Replying): Promise<void> | undefined {
    return sending ?? this.pauses.beforePacket();
  }

  #take([packet, from]: [Uint8Array, unknown], replying: Replying): void {
    const to = datagramAddress(from);
    if (to === undefined || this.#isStopping) return;
    const reply = this.handler.handle(packet, to.hostname, "udp", replying.out);
    if (reply instanceof Promise) void this.#sendLater(reply, to);
    else if (reply !== undefined) replying.send(reply, to);
  }

  async #sendLater(reply: Promise<Uint8Array | undefined>, to: DatagramAddress): Promise<void> {
    this.#owed++;
    try {
      const late = await reply;
      if (late !== undefined && !this.#isClosed) await this.socket.send(late, to);
    } catch {
      // Lost, as above.
    }
    this.#owed--;
  }
}
