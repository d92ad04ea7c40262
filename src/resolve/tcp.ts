/** A question over TCP, on a connection of its own (RFC 7766). */

import type { Upstream } from "../policy/mod.ts";
import { closeQuietly, type Network, type StreamConnection, writeAll } from "../system/mod.ts";
import {
  frameMessage,
  FrameReader,
  readResponse,
  type ResponseRead,
  type SentQuestion,
} from "../wire/mod.ts";
import { type Cancel, type Unreachable, unreachable } from "./outcome.ts";

const READ_BYTES = 16_384;

/** Messages that are no answer before a connection is given up: nobody but the upstream can have sent them. */
const MOST_IGNORED = 4;

/**
 * Connections to one upstream that may still be being opened after their question has ended: the system goes on
 * trying for minutes, and cannot be told to stop.
 */
const MOST_LINGERING = 32;

const TOO_MANY: Unreachable = {
  kind: "unreachable",
  problem: "too many connections",
  isOurs: true,
};

/** Questions over TCP to any upstream. */
export class TcpClient {
  /** How many connections of each upstream are being opened for nobody. */
  readonly #lingering = new Map<Upstream, number>();
  /** What ends the connection of each question: a further try of it takes the place of the one before. */
  readonly #underWay = new Map<string, Cancel>();

  constructor(readonly network: Network) {}

  /** Sends a question and settles with the first message that answers it, or when that has failed. */
  ask(
    sent: SentQuestion,
    upstream: Upstream,
    settle: (read: ResponseRead | Unreachable) => void,
  ): Cancel {
    const key = `${upstream.name} ${sent.type} ${sent.name}`;
    this.#underWay.get(key)?.();
    let isOver = false;
    let connection: StreamConnection | undefined;
    const finish = (read?: ResponseRead | Unreachable): void => {
      if (isOver) return;
      isOver = true;
      if (connection === undefined) this.#countLingering(upstream, 1);
      if (this.#underWay.get(key) === cancel) this.#underWay.delete(key);
      closeQuietly(connection);
      if (read !== undefined) settle(read);
    };
    const cancel = (): void => finish();
    const run = async (): Promise<void> => {
      try {
        connection = await this.network.connectTcp(upstream.address);
      } catch (error) {
        finish(unreachable(error));
      }
      // Whoever ended before the system was done has been counted as lingering until now.
      if (isOver) this.#countLingering(upstream, -1);
      if (connection === undefined) return;
      if (isOver) return closeQuietly(connection);
      try {
        await writeAll(connection, frameMessage(sent.bytes));
        finish(await readAnswer(connection, sent));
      } catch (error) {
        finish(unreachable(error));
      }
    };
    if ((this.#lingering.get(upstream) ?? 0) >= MOST_LINGERING) {
      settle(TOO_MANY);
      return () => {};
    }
    this.#underWay.set(key, cancel);
    void run();
    return cancel;
  }

  #countLingering(upstream: Upstream, change: number): void {
    this.#lingering.set(upstream, (this.#lingering.get(upstream) ?? 0) + change);
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
