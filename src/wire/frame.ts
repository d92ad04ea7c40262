/** DNS over TCP: each message has its length in front, as 16 bits (RFC 1035 4.2.2, RFC 7766 8). */

import { readUint16, writeBytes, writeUint16 } from "./bytes.ts";
import { MAX_MESSAGE_BYTES } from "./constants.ts";

/** Bytes of a message's length in front of it. */
export const FRAME_BYTES = 2;

/** Puts messages one after the other, each with its length in front. */
export function frameMessages(...messages: readonly Uint8Array[]): Uint8Array {
  const length = messages.reduce((sum, message) => sum + FRAME_BYTES + message.length, 0);
  const framed = new Uint8Array(length);
  let at = 0;
  for (const message of messages) at = frameInto(framed, at, message);
  return framed;
}

/** Writes a message at `at` with its length in front, and returns the place after it. */
export function frameInto(bytes: Uint8Array, at: number, message: Uint8Array): number {
  return writeBytes(bytes, writeUint16(bytes, at, message.length), message);
}

/** Cuts a TCP stream into messages, however its bytes arrive. Holds at most one message. */
export class FrameReader {
  #buffer = new Uint8Array(1024);
  #used = 0;

  /** Whether bytes of a message that is not complete are waiting. */
  get isPartial(): boolean {
    return this.#used > 0;
  }

  /**
   * Takes what arrived and returns the messages that it completes, as copies; undefined where the framing is
   * broken (a length of 0), after which the stream is good for nothing.
   */
  push(chunk: Uint8Array): Uint8Array[] | undefined {
    const messages: Uint8Array[] = [];
    let from = 0;
    while (from < chunk.length) {
      from += this.#take(chunk, from, FRAME_BYTES);
      if (this.#used < FRAME_BYTES) break;
      const length = readUint16(this.#buffer, 0);
      if (length === 0) return undefined;
      from += this.#take(chunk, from, FRAME_BYTES + length);
      if (this.#used < FRAME_BYTES + length) break;
      messages.push(this.#buffer.slice(FRAME_BYTES, FRAME_BYTES + length));
      this.#used = 0;
    }
    return messages;
  }

  /** Moves bytes into the buffer until it holds `wanted`; returns how many it took. */
  #take(chunk: Uint8Array, from: number, wanted: number): number {
    const count = Math.max(0, Math.min(wanted - this.#used, chunk.length - from));
    if (this.#used + count > this.#buffer.length) {
      const larger = new Uint8Array(FRAME_BYTES + MAX_MESSAGE_BYTES);
      larger.set(this.#buffer.subarray(0, this.#used));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk.subarray(from, from + count), this.#used);
    this.#used += count;
    return count;
  }
}
