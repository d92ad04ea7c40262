import assert from "node:assert/strict";
import { Pauses } from "../../src/serve/pauses.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** How many packets may be received before the first pause; none within a thousand. */
function packetsUntilPause(pauses: Pauses): number {
  for (let i = 1; i <= 1000; i++) if (pauses.beforePacket() !== undefined) return i;
  return Infinity;
}

Deno.test("while no answer is awaited nothing ever pauses", () => {
  assert.equal(packetsUntilPause(new Pauses(new FakeClock(), () => false)), Infinity);
});

Deno.test("while one is awaited there is a pause every few packets", async () => {
  const clock = new FakeClock();
  const pauses = new Pauses(clock, () => true);
  for (let i = 0; i < 5; i++) {
    const packets = packetsUntilPause(pauses);
    assert.ok(packets > 1 && packets <= 33, `${packets}`);
    await clock.advance(0);
  }
});

Deno.test("a pause lasts until what else there is has been handed over, for all sockets at once", async () => {
  const clock = new FakeClock();
  const pauses = new Pauses(clock, () => true);
  packetsUntilPause(pauses);
  const others = [pauses.beforePacket(), pauses.beforePacket()];
  assert.ok(others.every((pause) => pause !== undefined));
  let over = 0;
  for (const pause of others) void pause!.then(() => over++);
  for (let i = 0; i < 100; i++) await Promise.resolve();
  // Promises alone do not end it: the event loop has to come round.
  assert.deepEqual([over, clock.timers], [0, 1]);
  await clock.advance(0);
  assert.equal(over, 2);
  assert.equal(pauses.beforePacket(), undefined);
});

Deno.test("when need arises in the middle of a flood the next few packets are the last", async () => {
  const clock = new FakeClock();
  let isNeeded = false;
  const pauses = new Pauses(clock, () => isNeeded);
  assert.equal(packetsUntilPause(pauses), Infinity);
  isNeeded = true;
  const packets = packetsUntilPause(pauses);
  assert.ok(packets <= 17, `${packets}`);
  await clock.advance(0);
  isNeeded = false;
  assert.equal(packetsUntilPause(pauses), Infinity);
});

Deno.test("packets that come one at a time never pause", async () => {
  const clock = new FakeClock();
  const pauses = new Pauses(clock, () => true);
  for (let i = 0; i < 1000; i++) {
    assert.equal(pauses.beforePacket(), undefined);
    await clock.advance(1);
  }
});
