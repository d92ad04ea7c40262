/** Queries over UDP. */

import {
  type Clock,
  type DatagramAddress,
  datagramAddress,
  type DatagramSocket,
  sleep,
} from "../system/mod.ts";
import { MAX_MESSAGE_BYTES, ReplyBuffer } from "../wire/mod.ts";
import type { Handler } from "./handler.ts";
import type { Pauses } from "./pauses.ts";
import { Receivers } from "./receivers.ts";
import { Turns } from "./turns.ts";

/** How long to leave a socket alone that could not receive, in ms. */
const PAUSE = 100;

/** What one receive loop works with. It does not wait for a reply to leave before it receives, only before it replies. */
class Loop {
  readonly buffer = new Uint8Array(MAX_MESSAGE_BYTES);
  readonly out = new ReplyBuffer();
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
  readonly #receivers: Receivers;
  /** Every loop that there has been, those that receive, and when they will be over. */
  readonly #loops: Loop[] = [];
  readonly #receiving = new Set<Loop>();
  readonly #ends = new Set<Promise<void>>();

  constructor(
    readonly socket: DatagramSocket,
    readonly handler: Handler,
    readonly clock: Clock,
    readonly pauses: Pauses,
    turns = new Turns(clock),
  ) {
    this.#receivers = new Receivers(clock, () => turns.isFull);
    this.#startLoops();
  }

  /** Whether a reply is owed to any client. */
  get isBusy(): boolean {
    return this.#owed > 0 || this.#loops.some(({ sending }) => sending !== undefined);
  }

  /** Takes no more queries; replies can still be sent. */
  stopReceiving(): void {
    this.#isStopping = true;
  }

  /** Gives the socket back; resolves when the system has it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.socket.close();
    await Promise.all(this.#ends);
  }

  /** As many as are wanted. */
  #startLoops(): void {
    while (this.#receiving.size < this.#receivers.wanted) {
      const loop = this.#loops.find((one) => !this.#receiving.has(one)) ?? new Loop(this.socket);
      if (!this.#loops.includes(loop)) this.#loops.push(loop);
      this.#receiving.add(loop);
      const end = this.#serve(loop).finally(() => this.#ends.delete(end));
      this.#ends.add(end);
    }
  }

  /** As little as can be: the engine gives up on making a long `async` function fast sooner than on a plain one. */
  async #serve(loop: Loop): Promise<void> {
    while (!this.#isClosed) {
      let trouble: Promise<void> | undefined;
      try {
        const received = await this.socket.receive(loop.buffer);
        for (let wait = this.#wait(loop); wait !== undefined; wait = this.#wait(loop)) await wait;
        this.#take(received, loop);
        if (this.#isOneTooMany(loop)) return;
      } catch {
        if (!this.#isClosed) trouble = sleep(this.clock, PAUSE);
      }
      if (trouble !== undefined) await trouble;
    }
  }

  /** Counts a packet, and starts loops or ends this one where it shows that others would be enough. */
  #isOneTooMany(loop: Loop): boolean {
    const { wanted } = this.#receivers;
    this.#receivers.count();
    if (this.#receivers.wanted > wanted) this.#startLoops();
    return this.#receiving.size > this.#receivers.wanted && this.#receiving.delete(loop);
  }

  /** What a packet that has been received has to wait for, where there is anything. */
  #wait({ sending }: Loop): Promise<void> | undefined {
    return sending ?? this.pauses.beforePacket();
  }

  #take([packet, from]: [Uint8Array, unknown], loop: Loop): void {
    const to = datagramAddress(from);
    if (to === undefined || this.#isStopping) return;
    const reply = this.handler.handle(packet, to.hostname, "udp", loop.out);
    if (reply instanceof Promise) void this.#sendLater(reply, to);
    else if (reply !== undefined) loop.send(reply, to);
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
