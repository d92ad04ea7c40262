/** Messages over TCP, each behind its length (RFC 1035 4.2.2). */

import { readMessage } from "../../tests/support/real_upstream.ts";

/** Messages of a TCP connection. */
export class Frames {
  #cancel = (): void => {};
  readonly #cancelled: Promise<null>;

  /** `patience` is in ms: how long a server may say nothing at all and keep the connection open. */
  constructor(readonly connection: Deno.Conn, patience: number) {
    this.#cancelled = new Promise((resolve) => this.#cancel = () => resolve(null));
    const timer = setTimeout(() => this.cancel(), patience);
    void this.#cancelled.then(() => clearTimeout(timer));
  }

  /** Nothing more is wanted. */
  cancel(): void {
    this.#cancel();
  }

  /** The next message; undefined where there is none. */
  async next(): Promise<Uint8Array | undefined> {
    const reading = readMessage(this.connection);
    reading.catch(() => {});
    return await Promise.race([reading, this.#cancelled]) ?? undefined;
  }
}
