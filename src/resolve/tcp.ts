/**
 * A question over TCP, on a connection of its own (RFC 7766).
 *
 * Which port it leaves from is our own random choice, as it is over UDP.
 */

import type { PortRange, Upstream } from "../policy/mod.ts";
import {
  closeQuietly,
  type Network,
  type OutgoingConnection,
  type Random,
  type StreamConnection,
  writeAll,
} from "../system/mod.ts";
import {
  frameMessage,
  FrameReader,
  readResponse,
  type ResponseRead,
  type SentQuestion,
} from "../wire/mod.ts";
import type { Order, Ticks } from "./ticks.ts";
import { type Cancel, type Unreachable, unreachable } from "./outcome.ts";

const READ_BYTES = 16_384;

/** Messages that are no answer before a connection is given up: nobody but the upstream can have sent them. */
const MOST_IGNORED = 4;

/** Questions over TCP to any upstream. */
export class TcpClient {
  /** What ends the connection of each question: a further try of it takes the place of the one before. */
  readonly #underWay = new Map<string, Cancel>();
  #isClosed = false;

  constructor(
    readonly network: Network,
    readonly random: Random,
    readonly ticks: Ticks,
    readonly ports: PortRange,
  ) {}

  /**
   * Connects, sends a question on a tick after that, in `order`, and settles with the first message that answers it,
   * or when that has failed.
   *
   * The port is drawn once, from all. Where it is taken, that is the end of this try, and it is `isOurs`: to draw
   * until one is free would leave the choice to a neighbour on this host who holds all but one.
   */
  ask(
    sent: SentQuestion,
    upstream: Upstream,
    order: Order,
    settle: (read: ResponseRead | Unreachable) => void,
  ): Cancel {
    if (this.#isClosed) return () => {};
    const key = `${upstream.name} ${sent.type} ${sent.name}`;
    this.#underWay.get(key)?.();
    let isOver = false;
    let connection: OutgoingConnection | undefined;
    const finish = (read?: ResponseRead | Unreachable): void => {
      if (isOver) return;
      isOver = true;
      if (this.#underWay.get(key) === cancel) this.#underWay.delete(key);
      closeQuietly(connection);
      if (read !== undefined) settle(read);
    };
    const cancel = (): void => finish();
    const run = async (): Promise<void> => {
      try {
        const port = this.ports.first + this.random.below(this.ports.count);
        connection = this.network.connectTcp(upstream.address, port);
        await connection.open();
        await new Promise<void>((resolve) => void this.ticks.soon(order, resolve));
        await writeAll(connection, frameMessage(sent.bytes));
        finish(await readAnswer(connection, sent));
      } catch (error) {
        finish(unreachable(error));
      }
    };
    this.#underWay.set(key, cancel);
    void run();
    return cancel;
  }

  /** Closes every connection. No outcome follows, and no question leaves any more. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#underWay.values()) cancel();
  }
}

/** Reads until a message answers the question, or the stream ends. */
async function readAnswer(
  connection: StreamConnection,
  sent: SentQuestion,
): Promise<ResponseRead | Unreachable> {
  const frames = new FrameReader();
  const buffer = new Uint8Array(READ_BYTES);
  let ignored = 0;
  while (ignored < MOST_IGNORED) {
    const count = await connection.read(buffer);
    if (count === null) return unreachable("connection closed");
    const messages = frames.push(buffer.subarray(0, count));
    if (messages === undefined) return unreachable("broken framing");
    for (const message of messages) {
      const read = readResponse(message, sent, true);
      if (read.kind !== "ignored") return read;
      ignored++;
    }
  }
  return unreachable("messages that are no answer");
}
