/** Replies over TCP leave whole, in order, as many at a time as are ready, whatever a write does meanwhile. */

import assert from "node:assert/strict";
import { ReplyStream } from "../../src/serve/reply_stream.ts";
import type { StreamConnection } from "../../src/system/mod.ts";
import { FrameReader } from "../../src/wire/mod.ts";
import { settle } from "../support/fake_clock.ts";

/** A stream that takes at most `most` bytes a write, when it is told to. */
class Slow implements StreamConnection {
  readonly remoteAddr = undefined;
  readonly writes: number[] = [];
  readonly #frames = new FrameReader();
  readonly messages: number[][] = [];
  #go: ((count: number) => void) | undefined;

  constructor(readonly most = Infinity) {}

  read(): Promise<null> {
    return Promise.resolve(null);
  }

  async write(bytes: Uint8Array): Promise<number> {
    const count = await new Promise<number>((resolve) => {
      this.#go = () => resolve(Math.min(bytes.length, this.most));
    });
    this.writes.push(count);
    for (const message of this.#frames.push(bytes.subarray(0, count))!) {
      this.messages.push([...message]);
    }
    return count;
  }

  async take(): Promise<void> {
    this.#go?.(0);
    await settle();
  }

  close(): void {}
}

function open(most?: number): { stream: Slow; replies: ReplyStream; written: number[] } {
  const [stream, written] = [new Slow(most), [] as number[]];
  return { stream, written, replies: new ReplyStream(stream, (count) => written.push(count)) };
}

Deno.test("what becomes ready during a write leaves in the next one, in order", async () => {
  const { stream, replies, written } = open();
  replies.add(Uint8Array.of(1));
  void replies.flush();
  for (const reply of [2, 3, 4]) replies.add(Uint8Array.of(reply));
  void replies.flush();
  assert.equal(replies.owedBytes, 12);
  await stream.take();
  await stream.take();
  assert.deepEqual(stream.messages, [[1], [2], [3], [4]]);
  assert.deepEqual([stream.writes, written], [[3, 9], [1, 3]]);
  assert.equal(replies.owedBytes, 0);
  assert.equal(replies.isWriting, false);
});

Deno.test("a reply may change once it is added, also while it is being written", async () => {
  const { stream, replies } = open(2);
  const reply = Uint8Array.of(7, 8, 9);
  replies.add(reply);
  void replies.flush();
  reply.fill(0);
  replies.add(reply);
  for (let i = 0; i < 6; i++) await stream.take();
  assert.deepEqual(stream.messages, [[7, 8, 9], [0, 0, 0]]);
});

Deno.test("what is added the moment a write ends is not left behind", async () => {
  const stream = new Slow();
  let isFirst = true;
  const replies: ReplyStream = new ReplyStream(stream, () => {
    if (!isFirst) return;
    isFirst = false;
    queueMicrotask(() =>
      queueMicrotask(() => {
        replies.add(Uint8Array.of(2));
        void replies.flush();
      })
    );
  });
  replies.add(Uint8Array.of(1));
  void replies.flush();
  await stream.take();
  await stream.take();
  assert.deepEqual(stream.messages, [[1], [2]]);
});

Deno.test("a write that fails is told to who flushed, and nothing is written any more", async () => {
  const stream = new Slow();
  stream.write = () => Promise.reject(new Error("Broken pipe"));
  const replies = new ReplyStream(stream, () => assert.fail("nothing was written"));
  replies.add(Uint8Array.of(1));
  await assert.rejects(replies.flush(), /Broken pipe/);
  assert.equal(replies.isWriting, false);
});
