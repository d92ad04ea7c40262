/** The time of a query, read as seldom as can be. */

import assert from "node:assert/strict";
import { Handler } from "../../src/serve/mod.ts";
import { Moment } from "../../src/serve/moment.ts";
import { MAX_MESSAGE_BYTES } from "../../src/wire/mod.ts";
import { decodeReply } from "../support/decode.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { query } from "../support/packets.ts";
import { policyAllowing } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";

class CountingClock extends FakeClock {
  reads = 0;

  override monotonic(): number {
    this.reads++;
    return super.monotonic();
  }
}

Deno.test("within a millisecond the monotonic clock is looked at once", async () => {
  const clock = new CountingClock();
  const moment = new Moment(clock);
  moment.read();
  moment.read();
  assert.equal(clock.reads, 1);
  await clock.advance(1);
  const before = clock.reads;
  moment.read();
  assert.deepEqual([clock.reads - before, moment.monotonic, moment.now], [1, 1, clock.now()]);
});

Deno.test("a wall clock that is set back or forward does not hold up the other one", async () => {
  const clock = new FakeClock();
  const moment = new Moment(clock);
  moment.read();
  for (const jump of [-3_600_000, 3_600_000, -1, 1]) {
    await clock.advance(5000);
    clock.setWall(moment.now + jump);
    moment.read();
    assert.equal(moment.monotonic, clock.monotonic());
    assert.equal(moment.now, clock.now());
  }
});

Deno.test("an answer that is newer than the last look at the clock keeps its own TTL", () => {
  const clock = new FakeClock();
  const policy = policyAllowing("api.example.com");
  const data = [Uint8Array.of(192, 0, 2, 1)];
  const handler = new Handler({
    policy,
    resolve: () => ({
      kind: "answer",
      answer: { rcode: 0, ttl: 60, chain: [], data, authenticated: false },
      upstream: policy.upstreams[0]!,
      since: clock.monotonic() + 0.4,
      turns: 0,
    }),
    clock,
    observer: new Recorder(),
  });
  const packet = query({ name: "api.example.com" });
  const reply = handler.handle(packet, "127.0.0.1", "udp", new Uint8Array(MAX_MESSAGE_BYTES));
  assert.equal(decodeReply(reply as Uint8Array).ttl, 60);
});
