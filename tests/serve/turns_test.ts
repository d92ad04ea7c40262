import assert from "node:assert/strict";
import { Receivers } from "../../src/serve/receivers.ts";
import { Taker, Turns } from "../../src/serve/turns.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** How much a taker gets done before it has to wait. */
function doneBy(turns: Turns, taker?: Taker): number {
  let done = 0;
  while (turns.before(1, taker) === undefined) done++;
  return done;
}

Deno.test("so much is done in one turn, and then all wait for the next one", async () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const first = doneBy(turns);
  assert.ok(first >= 100 && first <= 1000, `${first}`);
  assert.equal(turns.isFull, true);
  let over = 0;
  for (let i = 0; i < 3; i++) void turns.before()!.then(() => over++);
  for (let i = 0; i < 100; i++) await Promise.resolve();
  assert.equal(over, 0);
  await clock.advance(0);
  assert.deepEqual([over, turns.isFull], [3, false]);
  assert.equal(doneBy(turns), first);
});

Deno.test("who has little to do never waits, and costs a timer now and then", async () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  let timers = 0;
  for (let i = 0; i < 10_000; i++) {
    assert.equal(turns.before(), undefined);
    timers += clock.timers;
    await clock.advance(0);
  }
  assert.ok(timers < 100, `${timers}`);
});

Deno.test("those that had to wait share the next turn evenly", async () => {
  const turns = new Turns(new FakeClock());
  const clock = turns.clock as FakeClock;
  const whole = doneBy(turns);
  const takers = Array.from({ length: 8 }, () => new Taker());
  for (const taker of takers) assert.notEqual(turns.before(1, taker), undefined);
  await clock.advance(0);
  const shares = takers.map((taker) => doneBy(turns, taker));
  assert.ok(Math.max(...shares) - Math.min(...shares) <= 1, shares.join(" "));
  assert.ok(shares.reduce((a, b) => a + b) >= 0.8 * whole, shares.join(" "));
});

Deno.test("one that waits alone has the next turn for itself", async () => {
  const turns = new Turns(new FakeClock());
  const taker = new Taker();
  const whole = doneBy(turns, taker);
  await (turns.clock as FakeClock).advance(0);
  assert.equal(doneBy(turns, taker), whole);
});

Deno.test("of thousands that wait only those are woken that a turn has room for, who came first before the others", async () => {
  const turns = new Turns(new FakeClock());
  let woken = 0;
  const done: number[] = [];
  const work = async (number: number): Promise<void> => {
    for (let wait = turns.before(); wait; wait = turns.before()) {
      await wait;
      woken++;
    }
    done.push(number);
  };
  const all = Array.from({ length: 10_000 }, (_, number) => work(number));
  while (done.length < all.length) await (turns.clock as FakeClock).advance(0);
  assert.ok(woken < all.length, `${woken}`);
  assert.deepEqual(done, all.map((_, number) => number));
});

Deno.test("while turns are long several loops receive queries, and one again when they are not", async () => {
  const clock = new FakeClock();
  let isBusy = true;
  const receivers = new Receivers(clock, () => isBusy);
  const count = async (): Promise<void> => {
    receivers.count();
    await clock.advance(1);
  };
  await count();
  assert.ok(receivers.wanted >= 4, `${receivers.wanted}`);
  isBusy = false;
  for (let i = 0; i < 200; i++) await count();
  assert.equal(receivers.wanted, 1);
});
