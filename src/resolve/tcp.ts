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

/** Connections to one upstream that may be open or being opened at once. */
const MOST_CONNECTIONS = 32;

/** Questions over TCP to any upstream. */
export class TcpClient {
  /** Connections of each upstream; one that is being opened counts until the system has given up on it. */
  readonly #connections = new Map<Upstream, number>();

  constructor(readonly network: Network) {}

  /** Sends a question and settles with the first message that answers it, or when that has failed. */
  ask(
    sent: SentQuestion,
    upstream: Upstream,
    settle: (read: ResponseRead | Unreachable) => void,
  ): Cancel {
    let isOver = false;
    let connection: StreamConnection | undefined;
    const finish = (read?: ResponseRead | Unreachable): void => {
      if (isOver) return;
      isOver = true;
      closeQuietly(connection);
      if (read !== undefined) settle(read);
    };
    const run = async (): Promise<void> => {
      if (!this.#takePlace(upstream)) return finish(unreachable("too many connections"));
      try {
        connection = await this.network.connectTcp(upstream.address);
        if (isOver) return closeQuietly(connection);
        await writeAll(connection, frameMessage(sent.bytes));
        finish(await readAnswer(connection, sent));
      } catch (error) {
        finish(unreachable(error));
      } finally {
        this.#connections.set(upstream, this.#connections.get(upstream)! - 1);
      }
    };
    void run();
    return () => finish();
  }

  #takePlace(upstream: Upstream): boolean {
    const taken = this.#connections.get(upstream) ?? 0;
    if (taken >= MOST_CONNECTIONS) return false;
    this.#connections.set(upstream, taken + 1);
    return true;
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
