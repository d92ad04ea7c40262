/** The daemon's side of the socket: one connection to the helper, from its opening to its end. */

import { type Clock, closeQuietly, type StreamConnection, writeAll } from "../system/mod.ts";
import { LineReader } from "./lines.ts";
import { type AdmitRequest, formatRequest, parseReply, type Refusal } from "./protocol.ts";

/** Why something was not admitted: the helper's reason, or that it is `gone`, `silent`, or has too much to do. */
export type Trouble = Refusal | "gone" | "silent" | "busy";

/** How long the helper has for a request, in ms. */
export const LIMIT = 1000;

/** How many lines may await their replies. */
const MOST_AWAITED = 16_384;

const READ_BYTES = 4096;

/** Addresses that are asked for together, and how they fare. */
interface Asked {
  awaited: number;
  trouble: Trouble | undefined;
  readonly end: (trouble: Trouble | undefined) => void;
}

/** A connection that ends with its first error, and then for good. */
export class Link {
  readonly #asked: Asked[] = [];
  #awaited = 0;
  #writes: Promise<void>;
  #connection: StreamConnection | undefined;
  #isEnded = false;

  /** `onEnd` is called once, before those who asked hear of it; with the error, where it did not open. */
  constructor(
    connecting: Promise<StreamConnection>,
    readonly clock: Clock,
    readonly onOpen: () => void,
    readonly onEnd: (error?: unknown) => void,
  ) {
    this.#writes = connecting.then((connection) => this.#open(connection));
    this.#writes.catch((error) => this.#end("gone", error));
  }

  /** Resolves when it is open, or has failed to open. */
  get opened(): Promise<void> {
    return this.#writes.catch(() => {});
  }

  /** Asks for all of them; undefined once all are admitted. Never rejects. */
  ask(requests: readonly AdmitRequest[]): Promise<Trouble | undefined> {
    if (this.#isEnded) return Promise.resolve("gone");
    if (this.#awaited + requests.length > MOST_AWAITED) return Promise.resolve("busy");
    const { promise, resolve } = Promise.withResolvers<Trouble | undefined>();
    const stopTimer = this.clock.setTimer(LIMIT, () => this.#end("silent"));
    this.#awaited += requests.length;
    this.#asked.push({
      awaited: requests.length,
      trouble: undefined,
      end: (trouble) => {
        stopTimer();
        resolve(trouble);
      },
    });
    const bytes = new TextEncoder().encode(requests.map(formatRequest).join(""));
    this.#writes = this.#writes.then(() => writeAll(this.#connection!, bytes));
    this.#writes.catch(() => this.#end("gone"));
    return promise;
  }

  close(): void {
    this.#end("gone");
  }

  #open(connection: StreamConnection): void {
    this.#connection = connection;
    if (this.#isEnded) return closeQuietly(connection);
    this.onOpen();
    this.#read(connection).then(() => this.#end("gone"), () => this.#end("gone"));
  }

  async #read(connection: StreamConnection): Promise<void> {
    const lines = new LineReader();
    const buffer = new Uint8Array(READ_BYTES);
    while (true) {
      const count = await connection.read(buffer);
      if (count === null) return;
      for (const line of lines.push(buffer.subarray(0, count))) {
        const [first] = this.#asked;
        // A helper that says what nobody asked cannot be followed any more.
        if (line === undefined || first === undefined) return;
        this.#take(first, parseReply(line));
      }
    }
  }

  #take(asked: Asked, refusal: Refusal | undefined): void {
    this.#awaited--;
    asked.awaited--;
    asked.trouble ??= refusal;
    if (asked.awaited > 0) return;
    this.#asked.shift();
    asked.end(asked.trouble);
  }

  #end(trouble: Trouble, error?: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    closeQuietly(this.#connection);
    this.onEnd(error);
    for (const asked of this.#asked.splice(0)) asked.end(trouble);
  }
}
