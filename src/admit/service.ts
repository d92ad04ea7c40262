/** The helper's side of the socket: lines in, a transaction, replies out. */

import {
  closeQuietly,
  type StreamConnection,
  type StreamListener,
  writeAll,
} from "../system/mod.ts";
import type { Filter } from "./filter.ts";
import { LineReader } from "./lines.ts";
import { type AdmitRequest, formatReply, parseRequest } from "./protocol.ts";

/** Connections at once; the daemon has one, and a second one while it is being replaced. */
const MOST_CONNECTIONS = 8;

/** What is read, and so admitted, at once. While nft runs, more gathers: a flood is served in large batches. */
const READ_BYTES = 16 * 1024;

/** Serves connections until the listener is closed. */
export async function serve(
  listener: StreamListener,
  filter: Pick<Filter, "admit">,
): Promise<void> {
  let open = 0;
  while (true) {
    let connection: StreamConnection;
    try {
      connection = await listener.accept();
    } catch {
      return;
    }
    if (open >= MOST_CONNECTIONS) {
      closeQuietly(connection);
      continue;
    }
    open++;
    void serveConnection(connection, filter).finally(() => open--);
  }
}

/** Answers each line in order, and hangs up at the first that is none. Never rejects. */
async function serveConnection(
  connection: StreamConnection,
  filter: Pick<Filter, "admit">,
): Promise<void> {
  const lines = new LineReader();
  const buffer = new Uint8Array(READ_BYTES);
  try {
    for (let isGood = true; isGood;) {
      const count = await connection.read(buffer);
      if (count === null) break;
      const read = lines.push(buffer.subarray(0, count));
      const requests: AdmitRequest[] = [];
      for (const line of read) {
        const request = line === undefined ? undefined : parseRequest(line);
        isGood = request !== undefined;
        if (request === undefined) break;
        requests.push(request);
      }
      const replies = (await filter.admit(requests)).map(formatReply);
      if (!isGood) replies.push(formatReply("malformed"));
      await writeAll(connection, new TextEncoder().encode(replies.join("")));
    }
  } catch {
    // The connection broke: there is nobody to tell.
  } finally {
    closeQuietly(connection);
  }
}
