import assert from "node:assert/strict";
import fc from "fast-check";
import { Bench, FIRST, word } from "../support/fake_resolver.ts";
import { respond, respondA } from "../support/upstream_answers.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { questionIn } from "../support/scripted_upstream.ts";

const UPSTREAM = `[[upstream]]\naddress = "${FIRST}"\n`;
const EXACT = 'allow = ["a.test", "b.test"]\n';

/** Exact rules with a floor, in s. */
function exact(floor: number, more = ""): Bench {
  return new Bench(`${UPSTREAM}${more}[cache]\nmin_ttl = "${floor}s"\n`, 1, EXACT);
}

/** When questions leave, in ms, from now on. */
function departures({ network, clock }: Bench): number[] {
  const times: number[] = [];
  network.onSent = ({ bytes }) => bytes[12] === 0 || times.push(clock.monotonic());
  return times;
}

for (const repeats of [20, 20_000]) {
  Deno.test(`${repeats} repeats within a floor are one packet upstream, answered or not`, async () => {
    for (const kind of ["TTL 0", "silence"]) {
      const bench = exact(30, '[query]\ntries = 1\ntimeout = "4s"\n');
      bench.network.onUdp(FIRST, ({ bytes }, reply) => {
        if (kind === "TTL 0") reply(respondA(bytes, "192.0.2.1", 0));
      });
      const time = kind === "TTL 0" ? 30_000 : 4000;
      for (let i = 0; i < 20; i++) {
        for (let j = 0; j < repeats / 20; j++) bench.ask("a.test");
        await bench.clock.advance(time / 20);
      }
      assert.equal(bench.sent.length, 1, kind);
    }
  });
}

Deno.test("after the floor the next client starts a new emission, and none starts without a client", async () => {
  const bench = exact(30);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0)));
  const times = departures(bench);
  bench.ask("a.test");
  await bench.clock.advance(100_000);
  assert.deepEqual(times, [1]);
  bench.ask("a.test");
  await bench.clock.advance(100_000);
  assert.deepEqual(times, [1, 100_001]);
  bench.ask("a.test");
  await bench.clock.advance(29_999);
  bench.ask("a.test");
  await bench.settle();
  assert.equal(times.length, 3);
  await bench.clock.advance(10_000);
  assert.equal(times.length, 4);
  assert.ok(times[3]! >= times[2]! + 30_000);
});

Deno.test("a TTL between floor and ceiling counts as it is", async () => {
  const bench = exact(30);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 45)));
  const times = departures(bench);
  const asked = bench.ask("a.test");
  await bench.clock.advance(45_000);
  assert.equal(asked.resolution?.kind === "answer" && asked.resolution.answer.ttl, 45);
  assert.deepEqual(times, [1]);
  await bench.clock.advance(2000);
  bench.ask("a.test");
  await bench.settle();
  assert.deepEqual(times, [1, 47_001]);
});

Deno.test("a rule's own floor counts, below the policy's too", async () => {
  const bench = new Bench(
    `${UPSTREAM}[cache]\nmin_ttl = "30s"\n[[rule]]\nname = "quick.test"\nmin_ttl = "2s"\n`,
    1,
    EXACT,
  );
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0)));
  const times = departures(bench);
  for (let i = 0; i < 100; i++) {
    bench.ask("quick.test");
    await bench.clock.advance(100);
  }
  assert.equal(times.length, 5);
  assert.ok(times.slice(1).every((time, i) => time >= times[i]! + 2000), times.join(" "));
});

Deno.test("after a failed round further rounds follow by themselves until the floor is over, and no longer", async () => {
  const bench = exact(60);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 })));
  const times = departures(bench);
  bench.ask("a.test");
  await bench.clock.advance(600_000);
  // Pauses of 1, 2, 4, 8, 16 and 30 s, each up to a quarter longer.
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  assert.ok(pauses.length === 5, times.join(" "));
  for (const [i, pause] of pauses.entries()) {
    const least = 1000 * 2 ** i;
    assert.ok(pause >= least && pause <= 1.25 * least + 1, `${i}: ${pause}`);
  }
});

Deno.test("no client makes a round come sooner or later, however many ask", async () => {
  const run = async (act: (bench: Bench, at: number) => void): Promise<number[]> => {
    const bench = exact(60);
    bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode: 5 })));
    const times = departures(bench);
    bench.ask("a.test");
    for (let at = 0; at < 59_500; at += 250) {
      await bench.clock.advance(250);
      act(bench, at);
    }
    return times;
  };
  const alone = await run(() => {});
  assert.ok(alone.length > 4);
  const crowded = await run((bench) => {
    for (let i = 0; i < 5; i++) assert.equal(word(bench.ask("a.test")), "upstream");
  });
  assert.deepEqual(crowded, alone);
});

Deno.test("a client who asks within the floor of a failure starts nothing later either", async () => {
  const bench = exact(1);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 })));
  bench.ask("a.test");
  for (let i = 0; i < 9; i++) {
    await bench.clock.advance(100);
    assert.equal(word(bench.ask("a.test")), "upstream");
  }
  await bench.clock.advance(60_000);
  assert.equal(bench.sent.length, 1);
});

Deno.test("while a round is under way clients wait for it, and in a pause they hear of the failure at once", async () => {
  const bench = exact(60);
  bench.ask("a.test");
  await bench.clock.advance(3000);
  const inRound = bench.ask("a.test");
  assert.equal(word(inRound), "under way");
  await bench.clock.advance(2000);
  assert.equal(word(inRound), "upstream");
  assert.equal(word(bench.ask("a.test")), "upstream");
  await bench.clock.advance(1000);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  const inNext = bench.ask("a.test");
  await bench.clock.advance(1000);
  assert.equal(word(inNext), "192.0.2.1");
});

Deno.test("a network that comes up late costs seconds, not a floor", async () => {
  for (const late of [500, 3000, 5000, 20_000]) {
    const bench = exact(600);
    bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
    bench.network.isDown = true;
    bench.ask("a.test");
    await bench.clock.advance(late);
    bench.network.isDown = false;
    await bench.clock.advance(1000 + late / 2);
    assert.equal(word(bench.ask("a.test")), "192.0.2.1", `${late}`);
  }
});

Deno.test("after an outage of an hour too, it is seconds until who asks is answered", async () => {
  const bench = exact(30);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.network.isDown = true;
  for (let i = 0; i < 360; i++) {
    bench.ask("a.test");
    await bench.clock.advance(10_000);
  }
  // A new emission, of which the first round fails.
  await bench.clock.advance(30_000);
  bench.ask("a.test");
  await bench.clock.advance(4500);
  bench.network.isDown = false;
  await bench.clock.advance(3000);
  assert.equal(word(bench.ask("a.test")), "192.0.2.1");
});

Deno.test("when a rule has expired nothing of it leaves any more, not even the next round", async () => {
  const rule = '[[rule]]\nname = "old.test"\nexpires = 2026-06-01T00:00:10Z\n';
  const bench = exact(60, rule);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 })));
  const times = departures(bench);
  bench.ask("old.test");
  await bench.clock.advance(300_000);
  assert.ok(times.length > 2 && times.at(-1)! < 10_000, times.join(" "));
  assert.throws(() => bench.ask("old.test"), /not allowed/);
});

Deno.test("a question that is still to leave when its rule expires does not leave, and its client hears so at once", async () => {
  const rule = '[[rule]]\nname = "old.test"\nexpires = 2026-06-01T00:00:10Z\n';
  const bench = exact(60, `${rule}[query]\ntick = "100ms"\n`);
  await bench.clock.advance(9950);
  const asked = bench.ask("old.test");
  await bench.clock.advance(50);
  assert.deepEqual([word(asked), bench.sent.length], ["upstream", 0]);
});

/** What one question upstream comes to. */
type Fate = "good" | "servfail" | "silence" | "late";

const FATES: readonly Fate[] = ["good", "good", "servfail", "silence", "late"];

/** One packet of a pair, and when its answer came, if that was good. */
interface Seen {
  readonly at: number;
  answeredAt: number;
}

/** A bench on which each round is one packet, and the n-th packet of a pair has the n-th fate. */
function withFates(floor: number, seed: number): { bench: Bench; seen: Map<string, Seen[]> } {
  const bench = exact(floor, '[query]\ntries = 1\ntimeout = "800ms"\n');
  const seen = new Map<string, Seen[]>();
  const random = new SeededRandom(seed);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    if (bytes[12] === 0) return;
    const pair = questionIn(bytes);
    const one: Seen = { at: bench.clock.monotonic(), answeredAt: Infinity };
    seen.set(pair, [...seen.get(pair) ?? [], one]);
    const fate = FATES[random.below(FATES.length)]!;
    const ttl = random.below(3 * floor);
    const answer = (): void => {
      one.answeredAt = bench.clock.monotonic();
      reply(respondA(bytes, "192.0.2.1", ttl));
    };
    if (fate === "good") answer();
    if (fate === "servfail") reply(respond(bytes, { rcode: 2 }));
    if (fate === "late") bench.clock.setTimer(random.below(700), answer);
  });
  return { bench, seen };
}

/** Checks what left for one pair: every packet starts an emission a floor after the last, or is a round that was due. */
function assertFloors(packets: readonly Seen[], floor: number): void {
  let start = -Infinity;
  let failures = 0;
  for (const [i, { at }] of packets.entries()) {
    const before = packets[i - 1];
    failures = before === undefined || before.answeredAt < at ? 0 : failures + 1;
    if (at >= start + floor) {
      start = at;
      // Pauses begin anew with each emission.
      failures = 0;
      continue;
    }
    assert.ok(failures > 0, `${at} is within a floor of ${start}, though that was answered`);
    const pause = Math.min(1000 * 2 ** (failures - 1), 30_000);
    assert.ok(at >= before!.at + pause, `${at} comes too soon after ${before!.at}`);
  }
}

Deno.test("whatever clients and upstreams do, the emissions of a pair start a floor apart", async () => {
  const asks = fc.array(
    fc.record({
      after: fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(20_000)),
      name: fc.constantFrom("a.test", "b.test"),
      type: fc.constantFrom(1, 28),
      times: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 5, maxLength: 60 },
  );
  let packets = 0;
  await fc.assert(
    fc.asyncProperty(asks, fc.integer({ min: 1, max: 20 }), fc.nat(), async (all, floor, seed) => {
      const { bench, seen } = withFates(floor, seed);
      for (const { after, name, type, times } of all) {
        await bench.clock.advance(after);
        for (let i = 0; i < times; i++) bench.ask(name, type);
      }
      await bench.clock.advance(60_000);
      for (const one of seen.values()) {
        packets += one.length;
        assertFloors(one, floor * 1000);
      }
      bench.resolver.close();
    }),
    { numRuns: 60 },
  );
  assert.ok(packets > 500, `${packets}`);
});
