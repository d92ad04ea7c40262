import assert from "node:assert/strict";
import { HttpServer, type PageResponse } from "../../src/status/http.ts";
import type { StreamConnection, StreamListener } from "../../src/system/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { ReadableStreamEnd } from "../support/fake_network.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** The server's end of a connection. */
class Connection extends ReadableStreamEnd {
  said = "";

  write(bytes: Uint8Array): Promise<number> {
    if (this.isClosed) return Promise.reject(new Error("Bad resource ID"));
    // Never all at once.
    const part = bytes.subarray(0, 100);
    this.said += new TextDecoder("latin1").decode(part);
    return Promise.resolve(part.length);
  }

  get isOver(): boolean {
    return this.isClosed;
  }
}

/** A server whose connections are made by the test. */
class Bench {
  readonly clock = new FakeClock();
  readonly errors: unknown[] = [];
  readonly server: HttpServer;
  answered = 0;
  respond = (): Promise<PageResponse> =>
    Promise.resolve({ status: 200, headers: { "Content-Type": "text/plain" }, body: "näme\n" });
  #take: ((connection: StreamConnection) => void) | undefined;
  readonly #queue: Connection[] = [];

  constructor() {
    const listener: StreamListener = {
      addr: undefined,
      accept: () =>
        new Promise((resolve) => {
          const next = this.#queue.shift();
          if (next === undefined) this.#take = resolve;
          else resolve(next);
        }),
      close: () => {},
    };
    this.server = new HttpServer(listener, this.clock, () => {
      this.answered++;
      return this.respond();
    }, (error) => this.errors.push(error));
  }

  /** Somebody connects, and says this in pieces. */
  async connect(...pieces: readonly string[]): Promise<Connection> {
    const connection = new Connection({ hostname: "127.0.0.1", port: 4711 });
    for (const piece of pieces) connection.send(encode(piece));
    if (this.#take === undefined) this.#queue.push(connection);
    else {
      const take = this.#take;
      this.#take = undefined;
      take(connection);
    }
    for (let i = 0; i < 5; i++) await settle();
    return connection;
  }
}

Deno.test("a request in pieces gets a whole response, and the connection ends", async () => {
  const bench = new Bench();
  const connection = await bench.connect(...GET);
  assert.match(connection.said, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(connection.said, /\r\nContent-Length: 6\r\n/);
  assert.ok(connection.said.endsWith("\r\n\r\nn\u00c3\u00a4me\n"));
  assert.ok(connection.isOver);
  bench.server.close();
});

Deno.test("every response says that nobody keeps, guesses or embeds it", async () => {
  const bench = new Bench();
  for (const request of [GET, "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "x\r\n\r\n"]) {
    const { said } = await bench.connect(request);
    for (
      const header of [
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer",
        "Cross-Origin-Resource-Policy: same-origin",
        "Connection: close",
      ]
    ) assert.ok(said.includes(`\r\n${header}`), `${request}: ${header}`);
    assert.doesNotMatch(said, /access-control/i);
  }
  assert.equal(bench.answered, 1);
  bench.server.close();
});

Deno.test("HEAD gets the head of what GET gets", async () => {
  const bench = new Bench();
  const { said } = await bench.connect(GET.replace("GET", "HEAD"));
  assert.match(said, /^HTTP\/1\.1 200 OK\r\n.*Content-Length: 6\r\n.*\r\n\r\n$/s);
  bench.server.close();
});

Deno.test("a head that is too large is refused, and one without end waits for nobody", async () => {
  const bench = new Bench();
  const large = await bench.connect(`GET / HTTP/1.1\r\nX: ${"x".repeat(8192)}`);
  assert.match(large.said, /^HTTP\/1\.1 431 /);
  const slow = await bench.connect("GET / HTTP/1.1\r\n");
  await bench.clock.advance(4999);
  assert.ok(!slow.isOver);
  await bench.clock.advance(1);
  assert.deepEqual([slow.isOver, slow.said], [true, ""]);
  assert.equal(bench.clock.timers, 0);
  bench.server.close();
});

Deno.test("the oldest connection makes way, so that idle ones keep nobody out", async () => {
  const bench = new Bench();
  const idle: Connection[] = [];
  for (let i = 0; i < 16; i++) idle.push(await bench.connect());
  assert.ok(idle.every((one) => !one.isOver));
  const next = await bench.connect(GET);
  assert.match(next.said, /^HTTP\/1\.1 200 /);
  assert.deepEqual(idle.map((one) => one.isOver), [true, ...Array(15).fill(false)]);
  bench.server.close();
  assert.ok(idle.every((one) => one.isOver));
});

Deno.test("a flood of requests is taken forty a second, and the rest later", async () => {
  const bench = new Bench();
  for (let i = 0; i < 100; i++) await bench.connect(GET);
  assert.equal(bench.answered, 40);
  await bench.clock.advance(1000);
  for (let i = 0; i < 200; i++) await settle();
  assert.equal(bench.answered, 80);
  bench.server.close();
});

Deno.test("a mistake of ours is told, and is status 500", async () => {
  const bench = new Bench();
  bench.respond = () => Promise.reject(new Error("a bug"));
  const { said } = await bench.connect(GET);
  assert.match(said, /^HTTP\/1\.1 500 /);
  assert.doesNotMatch(said, /bug/);
  assert.deepEqual(bench.errors.map(String), ["Error: a bug"]);
  bench.server.close();
});
