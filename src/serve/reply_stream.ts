/** Replies on their way out of one TCP connection: what becomes ready while others are being written leaves at once. */

import { type StreamConnection, writeAll } from "../system/mod.ts";
import { FRAME_BYTES, frameInto } from "../wire/mod.ts";

/** A buffer that has grown beyond this is given back once it is empty, in bytes. */
const KEPT_BYTES = 16 * 1024;

/** Frames replies and writes them in the order in which they are added, as many at a time as there are. */
export class ReplyStream {
  #filling = new Uint8Array(0);
  #filled = 0;
  /** How many replies are in the buffer that is being filled. */
  #replies = 0;
  #spare = new Uint8Array(0);
  /** Bytes that are being written. */
  #leaving = 0;
  #isWriting = false;

  /** `onWritten` is called with the number of replies that the system has taken. */
  constructor(
    readonly stream: StreamConnection,
    readonly onWritten: (replies: number) => void,
  ) {}

  /** Bytes that the client has not taken yet. */
  get owedBytes(): number {
    return this.#filled + this.#leaving;
  }

  /** Whether a reply is being written. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Takes a reply, which may change once this has returned. */
  add(reply: Uint8Array): void {
    const needed = this.#filled + FRAME_BYTES + reply.length;
    if (needed > this.#filling.length) this.#grow(needed);
    this.#filled = frameInto(this.#filling, this.#filled, reply);
    this.#replies++;
  }

  /** Writes what there is, and what is added meanwhile. Rejects where the connection broke. */
  async flush(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      while (this.#filled > 0) await this.#writeAll();
    } finally {
      this.#isWriting = false;
    }
  }

  async #writeAll(): Promise<void> {
    const [buffer, replies] = [this.#filling, this.#replies];
    this.#leaving = this.#filled;
    this.#filling = this.#spare;
    this.#filled = this.#replies = 0;
    await writeAll(this.stream, buffer.subarray(0, this.#leaving));
    this.#leaving = 0;
    this.#spare = buffer.length > KEPT_BYTES ? new Uint8Array(0) : buffer;
    this.onWritten(replies);
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.#filling.length, 1024));
    larger.set(this.#filling.subarray(0, this.#filled));
    this.#filling = larger;
  }
}
