import assert from "node:assert/strict";
import fc from "fast-check";
import { AHEAD } from "../../src/resolve/ahead.ts";
import type { UdpPeer } from "../support/fake_network.ts";
import { Bench, FIRST, SECOND, word } from "../support/fake_resolver.ts";
import { questionIn } from "../support/scripted_upstream.ts";
import { Served, tell } from "../support/served.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const UPSTREAM = `[[upstream]]\naddress = "${FIRST}"\n`;
const NAMES = ["a.test", "b.test", "c.test"];
const HEAD = `types = ["A"]\nallow = ${JSON.stringify(NAMES)}`;

/** A question that left. */
interface Left {
  readonly at: number;
  readonly pair: string;
}

const answering = (ttl: number): UdpPeer => ({ bytes }, reply) =>
  reply(respondA(bytes, "192.0.2.1", ttl));

/** An upstream that takes its time. */
const slow = (bench: Bench, ttl: number, delay: number): UdpPeer => (packet, reply) =>
  void bench.clock.setTimer(delay, () => answering(ttl)(packet, reply));

const policy = (floor: string, more = "") => `${UPSTREAM}${more}[cache]\nmin_ttl = "${floor}"\n`;

/** Exact forward rules; what leaves is noted, but for the root. */
function forward(ttl: number, floor: string, more = "", head = HEAD): {
  bench: Bench;
  left: Left[];
} {
  const bench = new Bench(policy(floor, more), 1, head);
  const left: Left[] = [];
  bench.network.onUdp(FIRST, answering(ttl));
  bench.network.onSent = ({ bytes }) => {
    if (bytes[12] !== 0) left.push({ at: bench.clock.monotonic(), pair: questionIn(bytes) });
  };
  return { bench, left };
}

function timesOf(left: readonly Left[], name: string): number[] {
  return left.filter(({ pair }) => pair === `${name} A`).map(({ at }) => at);
}

/** What lies between two times and the next, and so on. */
function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!);
}

for (const [ttl, floor, tick] of [[5, 5, 1], [5, 30, 10], [300, 30, 10], [1, 1, 100]] as const) {
  Deno.test(`a name that is asked for all the time never waits: TTL ${ttl} s, floor ${floor} s, ticks of ${tick} ms`, async () => {
    const { bench, left } = forward(ttl, `${floor}s`, `[query]\ntick = "${tick}ms"\n`);
    bench.network.onUdp(FIRST, slow(bench, ttl, 20));
    for (const name of NAMES) bench.ask(name);
    await bench.clock.advance(500);
    const every = Math.min(ttl, 5) * 311;
    for (let at = 0; at < 4000; at++) {
      for (const name of NAMES) assert.equal(word(bench.ask(name)), "192.0.2.1", `${name} ${at}`);
      await bench.clock.advance(every);
    }
    const life = Math.max(ttl, floor) * 1000;
    for (const name of NAMES) {
      const gaps = gapsOf(timesOf(left, name));
      assert.ok(gaps.length > 3, `${gaps.length}`);
      const most = life + Math.min(life / 10, 1000) + tick;
      assert.ok(gaps.every((gap) => gap >= life && gap <= most), `${name}: ${gaps.join(" ")}`);
    }
  });
}

Deno.test("what nobody asks for again is not asked for again", async () => {
  const { bench, left } = forward(5, "5s");
  for (const name of NAMES) bench.ask(name);
  await bench.clock.advance(3_600_000);
  assert.equal(left.length, 3);
});

for (const asks of [1, 1000]) {
  Deno.test(`${asks} questions in a window are one refresh, and then silence`, async () => {
    const { bench, left } = forward(60, "30s");
    bench.ask("a.test");
    await bench.clock.advance(20_000);
    for (let i = 0; i < asks; i++) bench.ask("a.test");
    await bench.clock.advance(3_600_000);
    const [first, second, ...more] = timesOf(left, "a.test");
    assert.deepEqual([first, more], [1, []]);
    assert.ok(second! >= 60_001 && second! <= 61_001, `${second}`);
  });
}

Deno.test("those who wait for the first answer count as one who has asked since", async () => {
  const { bench, left } = forward(5, "5s");
  bench.network.onUdp(FIRST, slow(bench, 5, 20));
  bench.ask("a.test");
  await bench.clock.advance(10);
  bench.ask("a.test");
  await bench.clock.advance(3_600_000);
  assert.equal(left.length, 2);
});

Deno.test("clients move no refresh: it leaves at the same moment, however many ask and when", async () => {
  const run = async (asks: readonly number[]): Promise<Left[]> => {
    const { bench, left } = forward(60, "30s");
    bench.ask("a.test");
    for (const at of asks) {
      await bench.clock.advance(at - bench.clock.monotonic());
      for (let i = at % 7; i >= 0; i--) bench.ask("a.test");
    }
    await bench.clock.advance(62_000 - bench.clock.monotonic());
    return left;
  };
  const plain = await run([30_000]);
  assert.equal(plain.length, 2);
  for (const asks of [[2], [59_999], [60_000], [3, 4, 5, 31_000, 44_444]]) {
    assert.deepEqual(await run(asks), plain, asks.join(" "));
  }
});

Deno.test("refreshes of names that were asked for together drift apart", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `n${i}.test`);
  const head = `types = ["A"]\nallow = ${JSON.stringify(names)}`;
  const { bench, left } = forward(30, "30s", "", head);
  for (let round = 0; round < 2; round++) {
    for (const name of names) bench.ask(name);
    await bench.clock.advance(15_000);
  }
  await bench.clock.advance(2000);
  const times = left.slice(40).map(({ at }) => at);
  assert.equal(times.length, 40);
  const inOneTenth = Math.max(
    ...times.map((time) => times.filter((other) => Math.abs(other - time) <= 50).length),
  );
  assert.ok(inOneTenth < 15, `${inOneTenth} of 40`);
});

Deno.test("on one tick refreshes and first questions leave in the policy's order", async () => {
  const { bench, left } = forward(30, "30s", '[query]\ntick = "1000ms"\n');
  bench.ask("c.test");
  bench.ask("b.test");
  await bench.clock.advance(2000);
  for (let at = 2000; at <= 40_000; at += 100) {
    bench.ask("c.test");
    bench.ask("b.test");
    if (at === 31_900) bench.ask("a.test");
    await bench.clock.advance(100);
  }
  const refreshed = left.slice(2);
  const order = refreshed.map(({ at, pair }) => `${String(at).padStart(6)} ${pair}`);
  assert.ok(refreshed.some(({ at, pair }) => pair !== "a.test A" && at === 32_000));
  assert.ok(refreshed.some(({ at, pair }) => pair === "a.test A" && at === 32_000));
  assert.deepEqual(order, order.toSorted());
});

Deno.test("while a refresh is late, those who ask are answered at once, with a TTL of 0", async () => {
  const { bench } = forward(60, "30s");
  const served = new Served(bench);
  bench.ask("a.test");
  await bench.clock.advance(50_000);
  bench.network.onUdp(FIRST, () => {});
  bench.ask("a.test");
  // The refresh starts after 60 to 61 s; the answer lasts for 62.8 s.
  await bench.clock.advance(60_000 + AHEAD.leadOf(60_000) - 50_000);
  const heard = served.ask("a.test");
  assert.deepEqual([tell(heard), heard.reply?.ttl], ["NOERROR 192.0.2.1", 0]);
  await bench.clock.advance(2);
  const late = bench.ask("a.test");
  assert.equal(word(late), "under way");
  await bench.clock.advance(1800);
  assert.equal(word(late), "192.0.2.1");
});

Deno.test("a lost packet makes nobody wait", async () => {
  const { bench, left } = forward(5, "5s");
  let count = 0;
  bench.network.onUdp(FIRST, (packet, reply) => {
    if (++count % 2 === 1) answering(5)(packet, reply);
  });
  bench.ask("a.test");
  await bench.settle();
  for (let at = 0; at < 600_000; at += 250) {
    assert.equal(word(bench.ask("a.test")), "192.0.2.1", `${at}`);
    await bench.clock.advance(250);
  }
  assert.ok(left.length > 200, `${left.length}`);
});

Deno.test("an upstream that is down is asked once in a floor at most, and not at all once nobody asks", async () => {
  for (
    const peer of [() => {}, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 }))] as UdpPeer[]
  ) {
    const { bench, left } = forward(5, "5s", "[query]\ntries = 1\n");
    bench.ask("a.test");
    await bench.settle();
    bench.network.onUdp(FIRST, peer);
    for (let at = 0; at < 60_000; at += 100) {
      bench.ask("a.test");
      await bench.clock.advance(100);
    }
    await bench.clock.advance(20_000);
    const before = left.length;
    await bench.clock.advance(3_600_000);
    assert.equal(left.length, before);
  }
});

Deno.test("nothing is refreshed below wildcards, and none of their budget is used for it", async () => {
  const { bench, left } = forward(60, "30s", "", 'types = ["A"]\nallow = ["*.test"]');
  for (let at = 0; at < 59_000; at += 1000) {
    bench.ask("a.test");
    await bench.clock.advance(1000);
  }
  await bench.clock.advance(10_000);
  assert.equal(left.length, 1);
});

Deno.test("a rule that has expired is not refreshed", async () => {
  const rule = '[[rule]]\nname = "old.test"\nexpires = 2026-06-01T00:00:50Z\n';
  const { bench, left } = forward(60, "30s", rule);
  bench.ask("old.test");
  await bench.clock.advance(49_000);
  bench.ask("old.test");
  await bench.clock.advance(600_000);
  assert.equal(left.length, 1);
});

Deno.test("refreshes leave half of the places to those for whom a client waits", async () => {
  const names = Array.from({ length: 8 }, (_, i) => `n${i}.test`);
  const head = `types = ["A"]\nallow = ${JSON.stringify([...names, "new.test"])}`;
  const { bench, left } = forward(30, "30s", '[query]\nin_flight = 8\ntick = "1000ms"\n', head);
  for (let at = 0; at < 29_000; at += 1000) {
    for (const name of names) bench.ask(name);
    await bench.clock.advance(1000);
  }
  assert.equal(left.length, 8);
  bench.network.onUdp(FIRST, slow(bench, 30, 1500));
  await bench.clock.advance(3100);
  const refreshed = left.length - 8;
  assert.ok(refreshed >= 4 && refreshed < 8, `${refreshed}`);
  const asked = bench.ask("new.test");
  await bench.clock.advance(2600);
  assert.equal(word(asked), "192.0.2.1");
});

Deno.test("a reload moves no refresh, loses none and adds none, however often it comes", async () => {
  const run = async (reloads: number): Promise<Left[]> => {
    const { bench, left } = forward(60, "30s");
    for (let at = 0; at < 200_000; at += 10_000) {
      bench.ask("a.test");
      for (let i = 0; i < reloads; i++) bench.reload(policy("30s"), HEAD);
      await bench.clock.advance(10_000);
    }
    return left;
  };
  const plain = await run(0);
  assert.equal(plain.length, 4);
  assert.deepEqual(await run(20), plain);
});

Deno.test("a refresh goes along to other ways, and ends with its rule or its mode", async () => {
  const cases: readonly [string, string, string, number][] = [
    ["other ticks", policy("30s", '[query]\ntick = "7ms"\n'), HEAD, 1],
    ["a second upstream", `${UPSTREAM}[[upstream]]\naddress = "${SECOND}"\n`, HEAD, 1],
    ["a shorter life", policy("30s") + 'max_ttl = "40s"\n', HEAD, 1],
    ["no rule", policy("30s"), 'types = ["A"]\nallow = ["b.test"]', 0],
    ["a wildcard's", policy("30s"), 'types = ["A"]\nallow = ["*.test"]', 0],
  ];
  for (const [what, toml, head, more] of cases) {
    const { bench, left } = forward(60, "30s");
    bench.ask("a.test");
    await bench.clock.advance(20_000);
    bench.ask("a.test");
    bench.reload(toml, head);
    await bench.clock.advance(100_000);
    assert.equal(left.length, 1 + more, what);
    if (more > 0) assert.ok(left[1]!.at >= left[0]!.at + 30_000, `${what}: ${left[1]!.at}`);
  }
});

Deno.test("a rule that becomes hermetic is refreshed by that plan alone, and one that is no longer by clients", async () => {
  const { bench, left } = forward(60, "30s");
  bench.ask("a.test");
  await bench.clock.advance(20_000);
  bench.ask("a.test");
  bench.reload(policy("30s"), `mode = "hermetic"\n${HEAD}`);
  await bench.clock.advance(40_000);
  const inHermetic = timesOf(left, "a.test");
  assert.equal(inHermetic.length, 2);
  bench.reload(policy("30s"), HEAD);
  bench.ask("a.test");
  await bench.clock.advance(600_000);
  assert.equal(timesOf(left, "a.test").length, 3);
});

Deno.test("closing ends it: no timer is left, and nothing leaves any more", async () => {
  const { bench, left } = forward(60, "30s");
  bench.ask("a.test");
  await bench.clock.advance(1000);
  bench.ask("a.test");
  bench.resolver.close();
  await bench.clock.advance(600_000);
  assert.deepEqual([left.length, bench.clock.timers], [1, 0]);
});

Deno.test("whatever clients, upstreams and reloads do, no two emissions of a pair start in a floor", async () => {
  const FLOOR = 4000;
  const deeds = fc.array(
    fc.record({
      after: fc.oneof(fc.nat(50), fc.nat(2000), fc.nat(9000)),
      name: fc.constantFrom(...NAMES),
      times: fc.integer({ min: 0, max: 3 }),
      reload: fc.constantFrom("none", "none", "none", "same", "tick", "max"),
    }),
    { minLength: 10, maxLength: 80 },
  );
  let refreshes = 0;
  await fc.assert(
    fc.asyncProperty(deeds, fc.integer({ min: 0, max: 8 }), async (all, ttl) => {
      const { bench, left } = forward(ttl, "4s");
      for (const { after, name, times, reload } of all) {
        await bench.clock.advance(after);
        for (let i = 0; i < times; i++) bench.ask(name);
        if (reload === "same") bench.reload(policy("4s"), HEAD);
        if (reload === "tick") bench.reload(policy("4s", '[query]\ntick = "3ms"\n'), HEAD);
        if (reload === "max") bench.reload(`${policy("4s")}max_ttl = "5s"\n`, HEAD);
      }
      await bench.clock.advance(20_000);
      for (const name of NAMES) {
        const gaps = gapsOf(timesOf(left, name));
        refreshes += gaps.length;
        assert.ok(gaps.every((gap) => gap >= FLOOR), gaps.join(" "));
      }
      bench.resolver.close();
    }),
    { numRuns: 60 },
  );
  assert.ok(refreshes > 200, `${refreshes}`);
});
