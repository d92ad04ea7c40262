/** The TTL that a client is told, which falls with an answer's age. */

import assert from "node:assert/strict";
import type { Upstream } from "../../src/policy/mod.ts";
import type { Answered } from "../../src/resolve/mod.ts";
import { Handler } from "../../src/serve/handler.ts";
import { ReplyBuffer } from "../../src/wire/mod.ts";
import { decodeReply } from "../support/decode.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { query } from "../support/packets.ts";
import { policyAllowing } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";

/** What a client is told of an answer that came at a time (monotonic, ms), with a TTL of 300 s. */
function ttlAt(clock: FakeClock, since: number): number | undefined {
  const policy = policyAllowing("a.example");
  const answer = {
    rcode: 0,
    chain: [],
    data: [Uint8Array.of(192, 0, 2, 1)],
    ttl: 300,
    authenticated: false,
  };
  const upstream: Upstream = policy.upstreams[0]!;
  const resolution: Answered = { kind: "answer", answer, upstream, since, turns: 0 };
  const resolve = (): Answered => resolution;
  const handler = new Handler({ policy, resolve, clock, observer: new Recorder() });
  const out = new ReplyBuffer();
  const reply = handler.handle(query({ name: "a.example" }), "127.0.0.1", "udp", out);
  assert.ok(reply instanceof Uint8Array);
  return decodeReply(reply).ttl;
}

Deno.test("an answer is told with what is left of its TTL", async () => {
  const clock = new FakeClock();
  await clock.advance(10_000);
  assert.deepEqual([9_001, 9_000, 0].map((since) => ttlAt(clock, since)), [300, 299, 290]);
});

Deno.test("an answer that came within the millisecond of the query does not get a longer TTL", async () => {
  const clock = new FakeClock();
  await clock.advance(10_000);
  assert.equal(ttlAt(clock, 10_000.4), 300);
});
