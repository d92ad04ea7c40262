import assert from "node:assert/strict";
import { frameMessages, FrameReader } from "../../src/wire/mod.ts";

const [FIRST, SECOND] = [Uint8Array.of(1, 2, 3), new Uint8Array(3000).fill(7)];

function stream(): Uint8Array {
  return Uint8Array.from([...frameMessages(FIRST), ...frameMessages(SECOND)]);
}

Deno.test("messages come out whole, however the bytes arrive", () => {
  for (const size of [1, 2, 3, 4, 5, 6, 7, 1000, 3007]) {
    const reader = new FrameReader();
    const messages: Uint8Array[] = [];
    const bytes = stream();
    for (let at = 0; at < bytes.length; at += size) {
      messages.push(...reader.push(bytes.subarray(at, at + size))!);
    }
    assert.deepEqual(messages, [FIRST, SECOND], `pieces of ${size}`);
    assert.equal(reader.isPartial, false);
  }
});

Deno.test("a message that is not complete is waited for", () => {
  const reader = new FrameReader();
  assert.deepEqual(reader.push(stream().subarray(0, 4)), []);
  assert.equal(reader.isPartial, true);
});

Deno.test("a length of 0 breaks the stream", () => {
  assert.equal(new FrameReader().push(Uint8Array.of(0, 0)), undefined);
  assert.equal(new FrameReader().push(Uint8Array.from([...frameMessages(FIRST), 0, 0])), undefined);
});

Deno.test("the largest message there is comes through", () => {
  const message = new Uint8Array(65535).fill(9);
  assert.deepEqual(new FrameReader().push(frameMessages(message)), [message]);
});
