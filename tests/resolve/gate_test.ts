import assert from "node:assert/strict";
import fc from "fast-check";
import { Places, Rate } from "../../src/resolve/gate.ts";
import { type Order, Ticks } from "../../src/resolve/ticks.ts";
import { FakeClock } from "../support/fake_clock.ts";

const ORDER = { place: 0, key: "" };

Deno.test("as many leave as there are places; the others wait in line, first come first", async () => {
  const clock = new FakeClock();
  const ticks = new Ticks(clock, 10);
  const gate = new Places(2, ticks);
  const left: string[] = [];
  for (const one of ["a", "b", "c", "d"]) gate.enter(() => void left.push(one), ORDER);
  assert.deepEqual([left, gate.isFull], [["a", "b"], true]);
  gate.done();
  // Not at once: when a place is free depends on when an answer was read.
  assert.deepEqual(left, ["a", "b"]);
  await clock.advance(10);
  assert.deepEqual(left, ["a", "b", "c"]);
  gate.done();
  gate.done();
  await clock.advance(10);
  assert.deepEqual([left, gate.isFull], [["a", "b", "c", "d"], false]);
});

Deno.test("nobody overtakes the line, even when a place is free before the next in line has heard", async () => {
  const clock = new FakeClock();
  const gate = new Places(1, new Ticks(clock, 10));
  const left: string[] = [];
  gate.enter(() => void left.push("a"), ORDER);
  gate.enter(() => void left.push("b"), ORDER);
  gate.done();
  assert.equal(gate.isFull, true);
  gate.enter(() => void left.push("c"), ORDER);
  await clock.advance(10);
  assert.deepEqual(left, ["a", "b"]);
  gate.done();
  await clock.advance(10);
  assert.deepEqual(left, ["a", "b", "c"]);
  gate.done();
  assert.equal(gate.isFull, false);
});

Deno.test("one in line that gives its place back at once lets the next one through", async () => {
  const clock = new FakeClock();
  const gate = new Places(1, new Ticks(clock, 10));
  const left: string[] = [];
  gate.enter(() => void left.push("a"), ORDER);
  gate.enter(() => {
    left.push("expired");
    gate.done();
  }, ORDER);
  gate.enter(() => void left.push("c"), ORDER);
  gate.done();
  await clock.advance(30);
  assert.deepEqual(left, ["a", "expired", "c"]);
});

/** When each of `count` that come at once passes a gate with this rate. */
async function passages(perSecond: number, tick: number, count: number): Promise<number[]> {
  const clock = new FakeClock();
  const ticks = new Ticks(clock, tick);
  const gate = new Rate(perSecond, ticks);
  const left: number[] = [];
  ticks.soon(ORDER, () => {
    for (let i = 0; i < count; i++) gate.enter(() => void left.push(clock.monotonic()));
  });
  await clock.advance(1000 * count / perSecond + 10 * tick + 10);
  return left;
}

/** The most that passed in any second. */
function mostInASecond(times: readonly number[]): number {
  const within = (start: number): number =>
    times.filter((time) => time >= start && time < start + 1000 - 1e-6).length;
  return Math.max(0, ...times.map(within));
}

for (const [rate, tick] of [[1, 10], [7, 10], [20, 10], [99, 10], [100, 10], [150, 10]] as const) {
  Deno.test(`${rate} a second with ticks of ${tick} ms: no more in any second, and none is lost`, async () => {
    const count = rate * 5;
    const times = await passages(rate, tick, count);
    assert.equal(times.length, count);
    assert.ok(mostInASecond(times) <= rate, `${mostInASecond(times)}`);
    const due = times[0]! + 1000 * (count - 1) / rate;
    assert.ok(times.at(-1)! <= due + tick + 1e-6, `${times.at(-1)} instead of ${due}`);
  });
}

Deno.test("rates above one a tick, and ticks of a second, keep to the rate and lose next to nothing", async () => {
  for (const [rate, tick] of [[1000, 10], [300, 7], [20, 1000], [300, 8], [3, 700]] as const) {
    const count = rate * 5;
    const times = await passages(rate, tick, count);
    assert.equal(times.length, count);
    assert.ok(mostInASecond(times) <= rate, `${rate}/${tick}: ${mostInASecond(times)}`);
    const due = times[0]! + 1000 * (count - 1) / rate;
    // Where a second is no whole number of ticks, each may take up to one more.
    const late = tick * (1000 % tick === 0 ? 1 : 1 + count / rate);
    assert.ok(times.at(-1)! <= due + late + 1e-6, `${rate}/${tick}: ${times.at(-1)} not ${due}`);
  }
});

Deno.test("time in which nobody came is not saved up", async () => {
  const clock = new FakeClock();
  const ticks = new Ticks(clock, 10);
  const gate = new Rate(10, ticks);
  const times: number[] = [];
  const enter = (count: number): void => {
    ticks.soon(ORDER, () => {
      for (let i = 0; i < count; i++) gate.enter(() => void times.push(clock.monotonic()));
    });
  };
  enter(1);
  await clock.advance(60_000);
  enter(100);
  await clock.advance(60_000);
  assert.equal(times.length, 101);
  assert.equal(mostInASecond(times), 10);
});

Deno.test("whenever they come, no more than the rate pass in any second, each in its turn", async () => {
  const arrivals = fc.array(
    fc.record({ after: fc.nat(400), count: fc.integer({ min: 1, max: 9 }) }),
    {
      maxLength: 30,
    },
  );
  const rates = fc.integer({ min: 1, max: 200 });
  await fc.assert(
    fc.asyncProperty(arrivals, rates, fc.constantFrom(1, 7, 10, 100), async (
      bursts,
      rate,
      tick,
    ) => {
      const clock = new FakeClock();
      const ticks = new Ticks(clock, tick);
      const gate = new Rate(rate, ticks);
      const [times, numbers]: [number[], number[]] = [[], []];
      let entered = 0;
      for (const { after, count } of bursts) {
        await clock.advance(after);
        for (let i = 0; i < count; i++) {
          const number = entered++;
          ticks.soon(ORDER, () =>
            gate.enter(() => {
              times.push(clock.monotonic());
              numbers.push(number);
            }));
        }
      }
      await clock.advance(1000 * (entered + 2) / rate + 10 * tick);
      assert.deepEqual(numbers, Array.from({ length: entered }, (_, i) => i));
      assert.ok(
        mostInASecond(times) <= rate,
        `${mostInASecond(times)} ${rate}: ${times.join(" ")}`,
      );
    }),
    { numRuns: 60 },
  );
});

Deno.test("a gate with a rate is never full: everyone's turn comes", () => {
  const gate = new Rate(1, new Ticks(new FakeClock(), 10));
  for (let i = 0; i < 1000; i++) gate.enter(() => {});
  assert.equal(gate.isFull, false);
});

Deno.test("those who are let out of the line in one tick leave in the policy's order", async () => {
  const clock = new FakeClock();
  const ticks = new Ticks(clock, 10);
  const gate = new Places(3, ticks);
  const left: string[] = [];
  const at = (place: number): Order => ({ place, key: "" });
  for (const place of [7, 8, 9]) gate.enter(() => {}, at(place));
  for (const place of [5, 2, 4, 1]) gate.enter(() => void left.push(`${place}`), at(place));
  for (let i = 0; i < 3; i++) gate.done();
  await clock.advance(10);
  assert.deepEqual(left, ["2", "4", "5"]);
  gate.done();
  await clock.advance(10);
  assert.deepEqual(left, ["2", "4", "5", "1"]);
});
