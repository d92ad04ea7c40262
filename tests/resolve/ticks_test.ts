import assert from "node:assert/strict";
import { FIRST, Ticks } from "../../src/resolve/ticks.ts";
import { FakeClock } from "../support/fake_clock.ts";

const [PLACE_0, PLACE_1] = [{ place: 0, key: "" }, { place: 1, key: "" }];

/** Ticks of 10 ms that begin at 3 ms, and a place to note what ran when. */
async function setUp(): Promise<{
  clock: FakeClock;
  ticks: Ticks;
  ran: string[];
  note: (what: string) => () => void;
}> {
  const clock = new FakeClock();
  await clock.advance(3);
  const ticks = new Ticks(clock, 10);
  const ran: string[] = [];
  return { clock, ticks, ran, note: (what) => () => void ran.push(`${what}@${clock.monotonic()}`) };
}

/** A clock whose timers come as late as a test wants. */
class LateClock extends FakeClock {
  lateness = 0;

  override setAlarm(delay: number, callback: () => void): () => void {
    return super.setAlarm(delay + this.lateness, callback);
  }
}

Deno.test("what is asked for leaves on the next tick, counted from the start, whenever that was", async () => {
  for (const wait of [0, 1, 9, 9.999]) {
    const { clock, ticks, ran, note } = await setUp();
    await clock.advance(wait);
    ticks.soon(PLACE_0, note("a"));
    await clock.advance(10 - wait);
    assert.deepEqual(ran, ["a@13"], `${wait}`);
  }
});

Deno.test("nothing runs in the tick in which it is asked for, not even at the very moment", async () => {
  const { clock, ticks, ran, note } = await setUp();
  ticks.soon(PLACE_1, () => {
    note("outer")();
    ticks.soon(PLACE_0, note("inner"));
    ticks.at(0, FIRST, note("past"));
  });
  await clock.advance(10);
  assert.deepEqual(ran, ["outer@13"]);
  // It is the very time of the tick, which has run.
  ticks.soon(PLACE_0, note("late"));
  await clock.advance(9.99);
  assert.deepEqual(ran, ["outer@13"]);
  await clock.advance(0.01);
  assert.deepEqual(ran, ["outer@13", "past@23", "inner@23", "late@23"]);
});

Deno.test("within a tick the order is by place, then by key, then by arrival", async () => {
  const { clock, ticks, ran } = await setUp();
  const add = (place: number, key: string, what: string): void =>
    void ticks.soon({ place, key }, () => void ran.push(what));
  add(7, "b", "7b first");
  add(7, "a", "7a");
  add(7, "b", "7b second");
  add(0, "z", "0");
  add(10, "", "10");
  add(-1, "", "first");
  await clock.advance(10);
  assert.deepEqual(ran, ["first", "0", "7a", "7b first", "7b second", "10"]);
});

Deno.test("a task runs on the first tick from its time on", async () => {
  const { clock, ticks, ran, note } = await setUp();
  ticks.at(33, PLACE_0, note("on"));
  ticks.at(33.01, PLACE_0, note("after"));
  ticks.at(32.99, PLACE_0, note("before"));
  await clock.advance(100);
  assert.deepEqual(ran, ["on@33", "before@33", "after@43"]);
});

Deno.test("sums of odd tick lengths do not skip a tick", async () => {
  const clock = new FakeClock();
  const ticks = new Ticks(clock, 1000 / 3);
  let [count, next] = [0, 0];
  const again = (): void => {
    count++;
    next += 1000 / 3;
    ticks.at(next, PLACE_0, again);
  };
  next = 1000 / 3;
  ticks.at(next, PLACE_0, again);
  await clock.advance(30_001);
  assert.equal(count, 90);
});

Deno.test("what is called off does not run", async () => {
  const { clock, ticks, ran, note } = await setUp();
  const cancel = ticks.soon(PLACE_0, note("off"));
  ticks.soon(PLACE_0, note("on"));
  cancel();
  await clock.advance(20);
  assert.deepEqual(ran, ["on@13"]);
});

Deno.test("a late timer runs all that is due, tick by tick, and each task plans from its own tick", async () => {
  const clock = new LateClock();
  const ticks = new Ticks(clock, 10);
  const ran: string[] = [];
  const note = (what: string): void => void ran.push(`${what} of ${ticks.time}`);
  clock.lateness = 25;
  ticks.at(20, PLACE_0, () => note("second"));
  ticks.at(10, PLACE_1, () => {
    note("first");
    ticks.at(ticks.time + 10, PLACE_1, () => note("follow-up"));
  });
  await clock.advance(45);
  assert.deepEqual(ran, ["first of 10", "second of 20", "follow-up of 20"]);
  assert.equal(ticks.time, 45);
});

Deno.test("what clients ask for while a timer is late waits for a tick after that", async () => {
  const clock = new LateClock();
  const ticks = new Ticks(clock, 10);
  const ran: number[] = [];
  clock.lateness = 25;
  ticks.at(10, PLACE_0, () => void ran.push(ticks.time));
  await clock.advance(35);
  clock.lateness = 0;
  assert.deepEqual(ran, [10]);
  ticks.soon(PLACE_0, () => void ran.push(clock.monotonic()));
  assert.equal(ticks.next, 40);
  await clock.advance(10);
  assert.deepEqual(ran, [10, 40]);
});

Deno.test("silence is believed one tick late: what has come in by then is read first", async () => {
  const { clock, ticks, ran, note } = await setUp();
  ticks.afterSilence(20, PLACE_0, note("silence"));
  await clock.advance(20);
  assert.deepEqual(ran, []);
  await clock.advance(10);
  assert.deepEqual(ran, ["silence@33"]);
  const cancel = ticks.afterSilence(20, PLACE_0, note("never"));
  // Called off in the tick between.
  ticks.at(53, PLACE_1, cancel);
  await clock.advance(100);
  assert.deepEqual(ran, ["silence@33"]);
});

Deno.test("after a long standstill silence is still believed only when the sockets had their turn", async () => {
  const clock = new LateClock();
  const ticks = new Ticks(clock, 10);
  let ran: number | undefined;
  clock.lateness = 1000;
  ticks.afterSilence(20, PLACE_0, () => ran = clock.monotonic());
  await clock.advance(1019);
  clock.lateness = 0;
  await clock.advance(1);
  assert.equal(ran, undefined);
  await clock.advance(10);
  assert.equal(ran, 1030);
});

Deno.test("an error in one task does not keep the others from their turn", async () => {
  const { ticks, ran, note } = await setUp();
  const clock = ticks.clock as FakeClock;
  ticks.soon(PLACE_0, () => {
    throw new Error("a bug");
  });
  ticks.soon(PLACE_1, note("other"));
  await assert.rejects(clock.advance(10), { message: "a bug" });
  await clock.advance(10);
  assert.equal(ran.length, 1);
});

Deno.test("after the end nothing runs, and no timer is left", async () => {
  const { clock, ticks, ran, note } = await setUp();
  ticks.at(100, PLACE_0, note("before"));
  ticks.close();
  ticks.soon(PLACE_0, note("after"));
  assert.equal(clock.timers, 0);
  await clock.advance(100);
  assert.deepEqual(ran, []);
});
