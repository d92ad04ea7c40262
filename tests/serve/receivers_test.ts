/** How many receive loops there are follows how fast packets come. */

import assert from "node:assert/strict";
import { Receivers } from "../../src/serve/receivers.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Counts packets that come at a rate, for 100 ms; how many loops are wanted then. */
async function after(receivers: Receivers, clock: FakeClock, perSecond: number): Promise<number> {
  for (let left = perSecond / 10; left > 0; left -= 32) {
    for (let i = 0; i < 32; i++) receivers.count();
    await clock.advance(32_000 / perSecond);
  }
  return receivers.wanted;
}

Deno.test("there is one loop at first, many in a flood, and one again after it", async () => {
  const clock = new FakeClock();
  const receivers = new Receivers(clock);
  assert.equal(receivers.wanted, 1);
  assert.equal(await after(receivers, clock, 10_000), 1);
  assert.equal(await after(receivers, clock, 80_000), 32);
  assert.equal(await after(receivers, clock, 40_000), 32);
  assert.equal(await after(receivers, clock, 10_000), 1);
  assert.equal(await after(receivers, clock, 40_000), 1);
});
