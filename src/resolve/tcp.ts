/** A question over TCP, on a connection of its own (RFC 7766). */

import type { Upstream } from "../policy/mod.ts";
import type { Network, StreamConnection } from "../system/mod.ts";
import {
  frameMessage,
  FrameReader,
  readResponse,
  type ResponseRead,
  type SentQuestion,
} from "../wire/mod.ts";
import { type Cancel, type Unreachable, unreachable } from "./outcome.ts";

const READ_BYTES = 16_384;

/** Sends a question and settles with the first message that answers it, or when the connection has failed. */
export function askOverTcp(
  network: Network,
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
  network.connectTcp(upstream.address).then(async (opened) => {
    connection = opened;
    if (isOver) return closeQuietly(opened);
    await writeAll(opened, frameMessage(sent.bytes));
    finish(await readAnswer(opened, sent));
  }).catch((error) => finish(unreachable(error)));
  return () => finish();
}

/** Reads until a message answers the question, or the stream ends. */
async function readAnswer(
  connection: StreamConnection,
  sent: SentQuestion,
): Promise<ResponseRead | Unreachable> {
  const frames = new FrameReader();
  const buffer = new Uint8Array(READ_BYTES);
  while (true) {
    const count = await connection.read(buffer);
    if (count === null) return unreachable("connection closed");
    const messages = frames.push(buffer.subarray(0, count));
    if (messages === undefined) return unreachable("broken framing");
    for (const message of messages) {
      const read = readResponse(message, sent, true);
      if (read.kind !== "ignored") return read;
    }
  }
}

/** Writes all of `bytes`, however many calls it takes. */
export async function writeAll(connection: StreamConnection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Closes a connection that may be closed already. */
export function closeQuietly(connection: StreamConnection | undefined): void {
  try {
    connection?.close();
  } catch {
    // It was closed already.
  }
}
