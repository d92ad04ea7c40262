/** Messages over TCP, each behind its length (RFC 1035 4.2.2). */

/** Messages of a TCP connection. */
export class Frames {
  #held = new Uint8Array();
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
    const buffer = new Uint8Array(65_537);
    while (true) {
      const length = this.#held.length < 2 ? undefined : this.#held[0]! << 8 | this.#held[1]!;
      if (length !== undefined && this.#held.length >= 2 + length) {
        const frame = this.#held.slice(2, 2 + length);
        this.#held = this.#held.slice(2 + length);
        return frame;
      }
      const reading = this.connection.read(buffer);
      reading.catch(() => {});
      const count = await Promise.race([reading, this.#cancelled]);
      if (count === null) return undefined;
      this.#held = Uint8Array.from([...this.#held, ...buffer.subarray(0, count)]);
    }
  }
}
