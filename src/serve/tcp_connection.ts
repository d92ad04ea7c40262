/** One client's TCP connection: pipelined queries in, replies out in the order in which they are ready. */

import { type Clock, closeQuietly, type StreamConnection } from "../system/mod.ts";
import { FrameReader, type ReplyBuffer } from "../wire/mod.ts";
import { clientOf } from "../resolve/mod.ts";
import type { Handler } from "./handler.ts";
import type { Pauses } from "./pauses.ts";
import { ReplyStream } from "./reply_stream.ts";
import { Taker, type Turns } from "./turns.ts";

/** Queries of one connection that may be under way; then no more is read until one is done. */
const PIPELINED = 64;

/** Bytes of replies that may wait to be taken; then no more is read until some are. */
const OWED_BYTES = 128 * 1024;

const READ_BYTES = 4096;

/** What a connection needs of its service. */
export interface ConnectionParts {
  readonly handler: Handler;
  readonly clock: Clock;
  readonly pauses: Pauses;
  readonly turns: Turns;
  /** Where replies are written before they are copied: one for all connections, or opening them would fill memory. */
  readonly out: ReplyBuffer;
  /** The IP address. */
  readonly client: string;
  /** Without a query or a reply getting through, in ms. */
  readonly idle: number;
  readonly onUse: (connection: ClientConnection) => void;
  readonly onEnd: (connection: ClientConnection) => void;
}

/** A connection that serves itself until it ends. */
export class ClientConnection {
  readonly #frames = new FrameReader();
  readonly #replies: ReplyStream;
  readonly #taker = new Taker();
  /** Whose it is, where places are shared. */
  readonly client: string;
  #underWay = 0;
  #isEnded = false;
  /** In ms of the monotonic clock: noted, because a timer anew for each query would cost more than the query. */
  #lastUse: number;
  #stopTimer = (): void => {};
  #onRoom = (): void => {};

  constructor(readonly stream: StreamConnection, readonly parts: ConnectionParts) {
    this.#lastUse = parts.clock.monotonic();
    this.client = clientOf(parts.client);
    this.#replies = new ReplyStream(stream, (replies) => {
      this.#settle(replies);
      this.#use();
    });
  }

  /** How many replies are owed to the client. */
  get underWay(): number {
    return this.#underWay;
  }

  /** When something was answered or begun last, in ms of the monotonic clock. */
  get lastUse(): number {
    return this.#lastUse;
  }

  /** Whether nothing is owed to the client. */
  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Reads and answers until the client is done, the framing breaks or the connection idles. */
  async run(): Promise<void> {
    this.#startTimer(this.parts.idle);
    try {
      await this.#read();
      while (this.#underWay > 0 && !this.#isEnded) await this.#room();
    } catch {
      // The connection broke: there is nobody to tell.
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopTimer();
    closeQuietly(this.stream);
    this.#onRoom();
    this.parts.onEnd(this);
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    while (!this.#isEnded) {
      const count = await this.stream.read(buffer);
      if (count === null) return;
      const messages = this.#frames.push(buffer.subarray(0, count));
      if (messages === undefined) return this.close();
      for (const message of messages) {
        for (let wait = this.#wait(); wait !== undefined; wait = this.#wait()) await wait;
        if (this.#isEnded) return;
        this.#take(message);
      }
      this.#flush();
    }
  }

  /** What the next message has to wait for, where there is anything. What is ready leaves meanwhile. */
  #wait(): Promise<void> | undefined {
    if (this.#isEnded) return undefined;
    const { pauses, turns } = this.parts;
    const wait = this.#hasNoRoom() ? this.#room() : pauses.beforePacket() ??
      turns.before(1, this.#taker);
    if (wait !== undefined) this.#flush();
    return wait;
  }

  #take(message: Uint8Array): void {
    const reply = this.parts.handler.handle(message, this.parts.client, "tcp", this.parts.out);
    // What is dropped is no progress: a client of nothing else is idle.
    if (reply === undefined) return;
    this.#use();
    this.#underWay++;
    if (reply instanceof Promise) void reply.then((late) => this.#takeLate(late));
    else this.#replies.add(reply);
  }

  #takeLate(reply: Uint8Array | undefined): void {
    if (reply === undefined) return this.#settle(1);
    this.#replies.add(reply);
    this.#flush();
  }

  /** Those that are ready leave together. */
  #flush(): void {
    // A write that fails is the end of the connection; `run` may be waiting for something else.
    if (!this.#isEnded) this.#replies.flush().catch(() => this.close());
  }

  /** So many replies are owed no more. */
  #settle(replies: number): void {
    this.#underWay -= replies;
    this.#onRoom();
  }

  #hasNoRoom(): boolean {
    return this.#underWay >= PIPELINED || this.#replies.owedBytes >= OWED_BYTES;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => this.#onRoom = resolve);
  }

  #use(): void {
    if (this.#isEnded) return;
    this.parts.onUse(this);
    this.#lastUse = this.parts.clock.monotonic();
  }

  #startTimer(delay: number): void {
    const { clock, idle } = this.parts;
    this.#stopTimer = clock.setTimer(delay, () => {
      const left = this.#lastUse + idle - clock.monotonic();
      if (left > 0) return this.#startTimer(left);
      // A question that is with an upstream is no idleness; a reply that the client does not take is.
      if (this.#underWay > 0 && !this.#replies.isWriting) this.#startTimer(idle);
      else this.close();
    });
  }
}
