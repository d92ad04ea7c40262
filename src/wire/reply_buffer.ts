/** Where a reply is written, before the next one is written over it. */

import { MAX_MESSAGE_BYTES, PLAIN_UDP_BYTES } from "./constants.ts";

/**
 * Room for one reply of any size. To make a view on bytes costs more than to write them, and replies have few
 * different lengths: so each of the usual ones has its view for good.
 */
export class ReplyBuffer {
  readonly bytes: Uint8Array = new Uint8Array(MAX_MESSAGE_BYTES);
  readonly #views = new Array<Uint8Array | undefined>(PLAIN_UDP_BYTES + 1);

  /** Its first `length` bytes, as a view on them. */
  first(length: number): Uint8Array {
    if (length > PLAIN_UDP_BYTES) return this.bytes.subarray(0, length);
    return this.#views[length] ??= this.bytes.subarray(0, length);
  }
}
