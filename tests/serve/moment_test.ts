/** The time of a query, read as seldom as can be. */

import assert from "node:assert/strict";
import { Moment } from "../../src/serve/moment.ts";
import { FakeClock } from "../support/fake_clock.ts";

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
