/** One client's TCP connection: pipelined queries in, replies out in the order in which they are ready. */

import { type Clock, closeQuietly, type StreamConnection, writeAll } from "../system/mod.ts";
import { frameMessage, FrameReader, MAX_MESSAGE_BYTES } from "../wire/mod.ts";
import type { Handler } from "./handler.ts";
import type { Pauses } from "./pauses.ts";

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
  /** The IP address. */
  readonly client: string;
  /** Without a query or a reply getting through, in ms. */
  readonly idle: number;
  readonly onUse: (connection: ClientConnection) => void;
  readonly onEnd: (connection: ClientConnection) => void;
}

/** A connection that serves itself until it ends. */
export class ClientConnection {
  readonly #out = new Uint8Array(MAX_MESSAGE_BYTES);
  readonly #frames = new FrameReader();
  #underWay = 0;
  #owedBytes = 0;
  #writes: Promise<void> = Promise.resolve();
  #isWriting = false;
  #isEnded = false;
  #stopTimer = (): void => {};
  #onRoom = (): void => {};

  constructor(readonly stream: StreamConnection, readonly parts: ConnectionParts) {}

  /** The client's IP address. */
  get address(): string {
    return this.parts.client;
  }

  /** How many replies are owed to the client. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether nothing is owed to the client. */
  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Reads and answers until the client is done, the framing breaks or the connection idles. */
  async run(): Promise<void> {
    this.#restartTimer();
    try {
      await this.#read();
      while (this.#underWay > 0 && !this.#isEnded) await this.#waitForRoom();
      await this.#writes;
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
        while (this.#hasNoRoom() && !this.#isEnded) await this.#waitForRoom();
        if (this.#isEnded) return;
        this.#take(message);
        await this.parts.pauses.afterPacket();
      }
    }
  }

  #take(message: Uint8Array): void {
    const reply = this.parts.handler.handle(message, this.parts.client, "tcp", this.#out);
    // What is dropped is no progress: a client of nothing else is idle.
    if (reply === undefined) return;
    this.#use();
    this.#underWay++;
    if (reply instanceof Promise) void reply.then((late) => this.#write(late));
    else this.#write(reply);
  }

  #write(reply: Uint8Array | undefined): void {
    const framed = reply === undefined ? undefined : frameMessage(reply);
    const size = framed?.length ?? 0;
    this.#owedBytes += size;
    this.#writes = this.#writes.then(async () => {
      if (framed !== undefined && !this.#isEnded) {
        this.#isWriting = true;
        await writeAll(this.stream, framed);
        this.#isWriting = false;
        this.#use();
      }
      this.#underWay--;
      this.#owedBytes -= size;
      this.#onRoom();
    });
    // A write that fails is the end of the connection; `run` may be waiting for something else.
    this.#writes.catch(() => this.close());
  }

  #hasNoRoom(): boolean {
    return this.#underWay >= PIPELINED || this.#owedBytes >= OWED_BYTES;
  }

  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => this.#onRoom = resolve);
  }

  #use(): void {
    if (this.#isEnded) return;
    this.parts.onUse(this);
    this.#restartTimer();
  }

  #restartTimer(): void {
    this.#stopTimer();
    this.#stopTimer = this.parts.clock.setTimer(this.parts.idle, () => {
      // A question that is with an upstream is no idleness; a reply that the client does not take is.
      if (this.#underWay > 0 && !this.#isWriting) this.#restartTimer();
      else this.close();
    });
  }
}
