/**
 * A small HTTP server: it reads a head, sends one response and closes. All that a client can make it hold or do is
 * bounded, as it shares its event loop with DNS.
 */

import {
  type Clock,
  closeQuietly,
  isGone,
  sleep,
  socketAddress,
  type StreamConnection,
  type StreamListener,
  writeAll,
} from "../system/mod.ts";
import { type PageRequest, readRequest } from "./request.ts";

/** What is sent back. */
export interface PageResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What answers requests; `address` is where the client is. It may reject: that is told as status 500. */
export type Respond = (request: PageRequest, address: string) => Promise<PageResponse>;

/** The largest head, in bytes. */
const MOST_HEAD = 8192;

/** How many connections are open at once; then the oldest makes way. */
const MOST_CONNECTIONS = 16;

/** How many are taken in a second. */
const MOST_A_SECOND = 40;

/** How long one may last from beginning to end, in ms. */
const LONGEST = 5000;

/** How long nothing is taken after the system would not give a connection, in ms. */
const PAUSE = 1000;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Serves at a listener until it is closed. */
export class HttpServer {
  readonly #connections = new Set<StreamConnection>();
  #isClosed = false;
  #secondEnds = -Infinity;
  #left = 0;

  /** `onError` hears of mistakes of ours. */
  constructor(
    readonly listener: StreamListener,
    readonly clock: Clock,
    readonly respond: Respond,
    readonly onError: (error: unknown) => void,
  ) {
    void this.#accept();
  }

  /** Takes no more connections, and ends those that are open. */
  close(): void {
    this.#isClosed = true;
    closeQuietly(this.listener);
    for (const connection of this.#connections) closeQuietly(connection);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      await this.#takeTurn();
      try {
        const connection = await this.listener.accept();
        this.#makeRoom();
        this.#connections.add(connection);
        void this.#serve(connection);
      } catch (error) {
        if (this.#isClosed) return;
        if (!isGone(error)) await sleep(this.clock, PAUSE);
      }
    }
  }

  /** Waits until another connection may be taken. */
  async #takeTurn(): Promise<void> {
    const now = this.clock.monotonic();
    if (now >= this.#secondEnds) {
      this.#secondEnds = now + 1000;
      this.#left = MOST_A_SECOND;
    } else if (this.#left === 0) {
      await sleep(this.clock, this.#secondEnds - now);
      return await this.#takeTurn();
    }
    this.#left--;
  }

  #makeRoom(): void {
    if (this.#connections.size < MOST_CONNECTIONS) return;
    const [oldest] = this.#connections;
    this.#connections.delete(oldest!);
    closeQuietly(oldest);
  }

  async #serve(connection: StreamConnection): Promise<void> {
    const stop = this.clock.setTimer(LONGEST, () => closeQuietly(connection));
    try {
      const address = socketAddress(connection.remoteAddr)?.hostname;
      const head = await readHead(connection);
      if (head === undefined || address === undefined) return;
      const [response, isHead] = await this.#answer(head, address);
      await writeAll(connection, formatResponse(response, isHead, this.clock.now()));
    } catch {
      // The client is gone, or took too long.
    } finally {
      stop();
      this.#connections.delete(connection);
      closeQuietly(connection);
    }
  }

  async #answer(head: Head, address: string): Promise<[PageResponse, boolean]> {
    if (head === "too large") return [plain(431), false];
    const read = readRequest(head.text);
    if (read.kind === "refused") return [plain(read.status), false];
    const isHead = read.request.method === "HEAD";
    try {
      return [await this.respond(read.request, address), isHead];
    } catch (error) {
      this.onError(error);
      return [plain(500), isHead];
    }
  }
}

/** What an operator is told beside the status. */
const HINTS: Readonly<Record<number, string>> = {
  421: ": write an IP address or localhost in place of the host's name",
};

/** A response that says its status, or `text`. */
export function plain(
  status: number,
  text = `${status} ${REASONS[status]}${HINTS[status] ?? ""}\n`,
): PageResponse {
  const allow = status === 405 ? { Allow: "GET, HEAD" } : {};
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...allow }, body: text };
}

/** A request's head, as Latin-1. */
type Head = { readonly text: string } | "too large";

/** All up to the empty line; undefined where the connection ends before it. */
async function readHead(connection: StreamConnection): Promise<Head | undefined> {
  const buffer = new Uint8Array(MOST_HEAD);
  let used = 0;
  while (used < buffer.length) {
    const count = await connection.read(buffer.subarray(used));
    if (count === null) return undefined;
    // The end may have come in two pieces.
    const from = Math.max(0, used - 3);
    used += count;
    const end = endOfHead(buffer.subarray(0, used), from);
    if (end >= 0) return { text: String.fromCharCode(...buffer.subarray(0, end)) };
  }
  return "too large";
}

function endOfHead(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(13, from); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}

/** What no response is without: nobody keeps it, nobody else's page may have it, nothing in it is guessed at. */
const ALWAYS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "X-Frame-Options": "DENY",
  "Connection": "close",
};

/** `Content-Security-Policy` where a response has none of its own. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

function formatResponse(response: PageResponse, isHead: boolean, now: number): Uint8Array {
  const { status, headers, body } = response;
  const encoder = new TextEncoder();
  const content = encoder.encode(body);
  const all = {
    "Content-Security-Policy": NOTHING,
    ...ALWAYS,
    ...headers,
    "Content-Length": String(content.length),
    "Date": new Date(now).toUTCString(),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = encoder.encode(
    `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${lines.join("")}\r\n`,
  );
  const message = new Uint8Array(head.length + (isHead ? 0 : content.length));
  message.set(head);
  if (!isHead) message.set(content, head.length);
  return message;
}
