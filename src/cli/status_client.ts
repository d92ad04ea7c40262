/** Reads `/status.json` of a running firewall. What comes back is checked: it may be somebody else who answers. */

import * as v from "valibot";
import {
  type Clock,
  closeQuietly,
  formatAddress,
  type Network,
  type SocketAddress,
  type StreamConnection,
  writeAll,
} from "../system/mod.ts";
import { errorMessage } from "./console.ts";

/** The largest response, in bytes: a hundred decisions and fifty domains with the longest names fit several times. */
const MOST_BYTES = 4 * 1024 * 1024;

/** How long it may take, in ms. */
const LONGEST = 3000;

/** The farthest time that Date has, in ms since 1970 (ECMA-262 21.4.1.1): no true figure is larger. */
const MOST = 8.64e15;

const figure = v.pipe(v.number(), v.minValue(-MOST), v.maxValue(MOST));

const counted = v.record(v.string(), figure);

const statusSchema = v.object({
  version: v.string(),
  policy: v.string(),
  rules: figure,
  mode: v.string(),
  leak: v.object({ o1: figure, o2: figure, o3: figure }),
  upstreams: v.array(v.object({
    name: v.string(),
    isAnswering: v.boolean(),
    questions: figure,
    answers: figure,
    failures: figure,
    unreachable: figure,
  })),
  table: v.object({ pairs: figure, fresh: figure, stale: figure, oldest: figure }),
  untried: figure,
  started: figure,
  now: figure,
  sight: v.picklist(["all", "own", "none"]),
  responses: v.array(v.object({ verdict: v.string(), reason: v.string(), count: figure })),
  history: v.array(v.object({ time: figure, counts: counted })),
  blockedBytes: figure,
  alarms: figure,
  blocked: v.array(v.object({
    domain: v.string(),
    client: v.string(),
    queries: figure,
    names: figure,
    bytes: v.optional(figure),
  })),
  decisions: v.array(v.object({
    time: figure,
    client: v.string(),
    name: v.optional(v.string()),
    type: v.optional(v.string()),
    verdict: v.string(),
    reason: v.string(),
    rule: v.optional(v.string()),
  })),
});

/** What `top` shows of a firewall. */
export type ReadStatus = v.InferOutput<typeof statusSchema>;

/** Nothing could be read; the message says why. */
export class StatusError extends Error {
  override readonly name = "StatusError";
}

/** Reads the status at an address. Rejects with a {@linkcode StatusError}. */
export async function readStatus(
  address: SocketAddress,
  network: Pick<Network, "dialTcp">,
  clock: Clock,
): Promise<ReadStatus> {
  const place = formatAddress(address);
  const limit = new AbortController();
  let connection: StreamConnection | undefined;
  const stop = clock.setTimer(LONGEST, () => {
    limit.abort();
    closeQuietly(connection);
  });
  try {
    connection = await network.dialTcp(address, limit.signal);
    await writeAll(connection, requestFor(place));
    return parseResponse(await readAll(connection));
  } catch (error) {
    const why = limit.signal.aborted ? "it takes too long" : errorMessage(error);
    throw new StatusError(`Cannot read ${place}: ${why}`);
  } finally {
    stop();
    closeQuietly(connection);
  }
}

function requestFor(host: string): Uint8Array {
  return new TextEncoder().encode(
    `GET /status.json HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n`,
  );
}

async function readAll(connection: StreamConnection): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65536);
  let text = "";
  for (let used = 0; used < MOST_BYTES;) {
    const count = await connection.read(buffer);
    if (count === null) return text + decoder.decode();
    used += count;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  throw new Error("it says too much");
}

function parseResponse(text: string): ReadStatus {
  const end = text.indexOf("\r\n\r\n");
  const [, code] = /^HTTP\/1\.[01] (\d{3}) /.exec(text) ?? [];
  if (end === -1 || code !== "200") {
    throw new Error(
      code === undefined ? "what answers there is no fw-dns" : `it answers with status ${code}`,
    );
  }
  try {
    return v.parse(statusSchema, JSON.parse(text.slice(end + 4)));
  } catch {
    throw new Error("what answers there is no fw-dns of this version");
  }
}
