/**
 * One connection to an upstream, with any number of questions under way on it (RFC 7766 6.2.1.1, RFC 7858 3.3).
 *
 * Each has an ID that no other one has, and answers come in whatever order. Questions leave on ticks.
 */

import { closeQuietly, type OutgoingConnection, type Random, writeAll } from "../system/mod.ts";
import {
  frameMessages,
  FrameReader,
  messageId,
  readResponse,
  type ResponseRead,
  type SentQuestion,
} from "../wire/mod.ts";
import { type Cancel, type Unreachable, unreachable } from "./outcome.ts";
import type { Order, Ticks } from "./ticks.ts";

const READ_BYTES = 16_384;

/** Messages in a row that are no answer before a connection is given up: nobody but the upstream can have sent them. */
const MOST_IGNORED = 4;

/** Questions of one connection that may be without an answer, those that nobody waits for any more among them. */
const MOST_UNANSWERED = 10_000;

/** How a question over a connection can come out. */
export type StreamRead = Exclude<ResponseRead, { kind: "ignored" }> | Unreachable | Ended;

/** The connection has ended, which was open before, or has answered others: that says nothing about the next one. */
export interface Ended {
  readonly kind: "ended";
}

/** A question that is to go over a connection. */
export interface StreamQuestion {
  readonly write: (id: number) => SentQuestion;
  readonly order: Order;
  /** Called once, or never where it has been called off. */
  readonly settle: (read: StreamRead) => void;
}

interface Asked extends StreamQuestion {
  /** Whether the connection was open before. */
  readonly isLate: boolean;
  sent: SentQuestion | undefined;
}

/** What a connection needs, and whom it tells. */
export interface ConnectionParts {
  readonly random: Random;
  readonly ticks: Ticks;
  /** Called at each message that answers a question. */
  readonly onHeard: () => void;
  /** Called once, when it is over, with how many it left without an answer; without a reason where we closed it. */
  readonly onEnd: (left: number, reason?: Unreachable) => void;
}

/** A connection that is being opened, or is open, or was. */
export class UpstreamConnection {
  /** Those that somebody waits for. */
  readonly #asked = new Set<Asked>();
  /** Those that have been sent and not answered, by ID. */
  readonly #sent = new Map<number, Asked>();
  readonly #stream: OutgoingConnection;
  #state: "opening" | "open" | "over" = "opening";
  /** Since when (ms of the monotonic clock) it owes us a word; undefined: it does not. */
  #silentSince: number | undefined;
  #ignored = 0;
  #answers = 0;
  /** What is to be written, and whether somebody is at it. */
  #unwritten: Uint8Array[] = [];
  #isWriting = false;

  /** `connect` starts to open it; where it throws, so does this. */
  constructor(connect: () => OutgoingConnection, readonly parts: ConnectionParts) {
    this.#stream = connect();
    this.#silentSince = parts.ticks.time;
    void this.#run();
  }

  /** How many questions wait for an answer that is to come over it. */
  get load(): number {
    return this.#asked.size;
  }

  /** How many have had theirs. */
  get answers(): number {
    return this.#answers;
  }

  /** Whether a question had better go over another one: nothing has come for `patience` ms that should have. */
  isStalled(patience: number): boolean {
    const since = this.#silentSince;
    return this.#sent.size >= MOST_UNANSWERED ||
      since !== undefined && this.parts.ticks.time >= since + patience;
  }

  /** Sends a question: at once where it is open, else on a tick after it is. To be called on a tick. */
  ask(question: StreamQuestion): Cancel {
    const asked: Asked = { ...question, isLate: this.#state === "open", sent: undefined };
    this.#asked.add(asked);
    if (asked.isLate) this.#send(asked);
    return () => this.#asked.delete(asked);
  }

  /** Closes it, and settles nothing. */
  close(): void {
    this.#asked.clear();
    this.#end();
  }

  async #run(): Promise<void> {
    try {
      await this.#stream.open();
      this.#open();
      this.#end(await this.#read());
    } catch (error) {
      this.#end(unreachable(error));
    }
  }

  #open(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#silentSince = undefined;
    for (const asked of this.#asked) {
      this.parts.ticks.soon(asked.order, () => this.#send(asked));
    }
  }

  #send(asked: Asked): void {
    if (!this.#asked.has(asked) || this.#state !== "open") return;
    const { random, ticks } = this.parts;
    let id = random.uint16();
    while (this.#sent.has(id)) id = random.uint16();
    asked.sent = asked.write(id);
    this.#sent.set(id, asked);
    this.#silentSince ??= ticks.time;
    this.#unwritten.push(asked.sent.bytes);
    if (!this.#isWriting) void this.#write();
  }

  /** Writes what there is, and what comes meanwhile: all questions of a tick leave together. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    await Promise.resolve();
    try {
      while (this.#unwritten.length > 0) {
        const framed = frameMessages(...this.#unwritten);
        this.#unwritten = [];
        await writeAll(this.#stream, framed);
      }
    } catch (error) {
      this.#end(unreachable(error));
    }
    this.#isWriting = false;
  }

  /** Reads until the stream ends or is good for nothing; why. */
  async #read(): Promise<Unreachable> {
    const frames = new FrameReader();
    const buffer = new Uint8Array(READ_BYTES);
    while (this.#ignored < MOST_IGNORED) {
      const count = await this.#stream.read(buffer);
      if (count === null) return unreachable("connection closed");
      const messages = frames.push(buffer.subarray(0, count));
      if (messages === undefined) return unreachable("broken framing");
      for (const message of messages) this.#take(message);
    }
    return unreachable("messages that are no answer");
  }

  #take(message: Uint8Array): void {
    const asked = message.length < 2 ? undefined : this.#sent.get(messageId(message));
    const read = asked?.sent && readResponse(message, asked.sent, true);
    if (asked === undefined || read === undefined || read.kind === "ignored") {
      this.#ignored++;
      return;
    }
    this.#ignored = 0;
    this.#answers++;
    this.#sent.delete(asked.sent!.id);
    const isAwaited = this.#asked.delete(asked);
    this.#silentSince = this.#sent.size === 0 ? undefined : this.parts.ticks.time;
    this.parts.onHeard();
    if (isAwaited) asked.settle(read);
  }

  #end(reason?: Unreachable): void {
    if (this.#state === "over") return;
    this.#state = "over";
    closeQuietly(this.#stream);
    const left = [...this.#asked];
    this.#asked.clear();
    this.parts.onEnd(left.length, reason);
    if (reason === undefined) return;
    for (const { settle, isLate } of left) {
      settle(isLate || this.#answers > 0 ? { kind: "ended" } : reason);
    }
  }
}
