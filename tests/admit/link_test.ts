/** The daemon's side of one connection, against a helper that a test speaks for. */

import assert from "node:assert/strict";
import { LIMIT, Link } from "../../src/admit/link.ts";
import type { StreamConnection } from "../../src/system/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

const ONE = { address: "192.0.2.1", seconds: 60 };

/** How many lines may await their replies. */
const MOST = 16_384;

/** A connection whose other end is the test. */
class Line implements StreamConnection {
  readonly remoteAddr = undefined;
  isClosed = false;
  #said = "";
  #wake = (): void => {};

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#said === "") {
      if (this.isClosed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const { written } = new TextEncoder().encodeInto(this.#said, buffer);
    this.#said = this.#said.slice(written);
    return written;
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(bytes.length);
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }

  /** Says something as the helper, and waits until it has been read. */
  async say(text: string): Promise<void> {
    this.#said += text;
    this.#wake();
    while (this.#said !== "") await settle();
    await settle();
  }
}

function connect(): { link: Link; line: Line; clock: FakeClock } {
  const [line, clock] = [new Line(), new FakeClock()];
  return { link: new Link(Promise.resolve(line), clock, () => {}, () => {}), line, clock };
}

Deno.test("a reply in time is the end of its limit: the connection stays", async () => {
  const { link, line, clock } = connect();
  const asked = link.ask([ONE]);
  await line.say("ok\n");
  assert.equal(await asked, undefined);
  await clock.advance(2 * LIMIT);
  assert.equal(line.isClosed, false);
});

Deno.test("who asks for more than the helper can follow hears so, until it has followed", async () => {
  const { link, line } = connect();
  const asked = link.ask(Array(MOST).fill(ONE));
  assert.equal(await link.ask([ONE]), "busy");
  await line.say("ok\n".repeat(MOST));
  assert.equal(await asked, undefined);
  const next = link.ask([ONE]);
  await line.say("ok\n");
  assert.equal(await next, undefined);
});

Deno.test("a helper that says what nobody asked is left, and what it says next counts for nobody", async () => {
  const { link, line } = connect();
  await line.say("ok\n");
  assert.equal(line.isClosed, true);
  assert.equal(await link.ask([ONE]), "gone");
});

Deno.test("a connection that opens when nobody waits for it any more is closed", async () => {
  const { promise, resolve } = Promise.withResolvers<StreamConnection>();
  let opened = 0;
  const link = new Link(promise, new FakeClock(), () => opened++, () => {});
  link.close();
  const line = new Line();
  resolve(line);
  await settle();
  assert.deepEqual([line.isClosed, opened], [true, 0]);
});
