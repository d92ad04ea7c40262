import assert from "node:assert/strict";
import { ReplyBuffer } from "../../src/wire/mod.ts";

Deno.test("a reply buffer hands out its first bytes, however many, and what is written there is seen", () => {
  const buffer = new ReplyBuffer();
  for (const length of [0, 12, 511, 512, 513, 1232, 65535]) {
    buffer.bytes.fill(length & 0xff);
    const view = buffer.first(length);
    assert.equal(view.length, length);
    assert.ok(view.every((byte) => byte === (length & 0xff)));
    assert.equal(view.buffer, buffer.bytes.buffer);
  }
});

Deno.test("a usual length has one view, whatever is asked for in between", () => {
  const buffer = new ReplyBuffer();
  const view = buffer.first(48);
  buffer.first(49);
  assert.equal(buffer.first(48), view);
});
