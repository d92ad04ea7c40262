import assert from "node:assert/strict";
import { leadOf } from "../../src/resolve/refresher.ts";
import { Bench, FIRST, word } from "../support/fake_resolver.ts";
import type { UdpPeer } from "../support/fake_network.ts";
import { questionIn } from "../support/scripted_upstream.ts";
import { Served, tell } from "../support/served.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const NAMES = ["a.test", "b.test", "c.test"];
const HEAD = `mode = "hermetic"\ntypes = ["A"]\nallow = ${JSON.stringify(NAMES)}`;
const UPSTREAM = `[[upstream]]\naddress = "${FIRST}"\n`;

/** A question that left. */
interface Left {
  readonly at: number;
  readonly pair: string;
}

const answering = (ttl: number): UdpPeer => ({ bytes }, reply) =>
  reply(respondA(bytes, "192.0.2.1", ttl));

/** A hermetic policy of three pairs; what leaves is noted, but for the root. */
function hermetic(more = "", peer: UdpPeer = answering(600), head = HEAD): {
  bench: Bench;
  left: Left[];
} {
  const bench = new Bench(`${UPSTREAM}${more}`, 1, head);
  const left: Left[] = [];
  bench.network.onUdp(FIRST, peer);
  bench.network.onSent = ({ bytes }) => {
    if (bytes[12] !== 0) left.push({ at: bench.clock.monotonic(), pair: questionIn(bytes) });
  };
  return { bench, left };
}

function readiness({ recorder }: Bench): unknown[] {
  return recorder.events.filter(({ event }) => event === "ready");
}

Deno.test("at the start all pairs are asked for in the order of the table, at the rate", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `n${i}.test`);
  const head = `mode = "hermetic"\nallow = ${JSON.stringify(names)}`;
  const more = '[hermetic]\nrate = 10\n[cache]\nmin_ttl = "1m"\n';
  const { bench, left } = hermetic(more, answering(600), head);
  bench.resolver.begin();
  await bench.clock.advance(6000);
  assert.deepEqual(
    left.map(({ pair }) => pair),
    names.flatMap((name) => [`${name} A`, `${name} AAAA`]),
  );
  for (const [i, { at }] of left.entries()) {
    assert.ok(Math.abs(at - left[0]!.at - i * 100) <= 1, `${i} at ${at}`);
  }
});

Deno.test("nothing is asked for before it begins, whatever clients ask", async () => {
  const { bench, left } = hermetic();
  const asked = bench.ask("a.test");
  await bench.clock.advance(10_000);
  assert.equal(word(asked), "upstream");
  assert.deepEqual(left, []);
});

Deno.test("clients never cause a packet: what leaves is the same with and without them", async () => {
  const flaky: UdpPeer = ({ bytes, from }, reply) => {
    const fate = (from.port * 7 + bytes.length) % 5;
    if (fate === 0) return;
    reply(fate === 1 ? respond(bytes, { rcode: 2 }) : respondA(bytes, "192.0.2.1", 5));
  };
  const run = async (clients: number): Promise<Left[]> => {
    const { bench, left } = hermetic('[cache]\nmin_ttl = "10s"\nstale = "0s"\n', flaky);
    bench.resolver.begin();
    for (let at = 0; at < 300_000; at += 777) {
      for (let i = 0; i < clients; i++) bench.ask(NAMES[i % 3]!);
      await bench.clock.advance(777);
    }
    return left;
  };
  const alone = await run(0);
  assert.ok(alone.length > 60, `${alone.length}`);
  assert.deepEqual(await run(7), alone);
});

Deno.test("an early question waits for the first round of its pair", async () => {
  const { bench, left } = hermetic("[hermetic]\nrate = 1\n" + '[cache]\nmin_ttl = "10s"\n');
  bench.resolver.begin();
  const early = bench.ask("c.test");
  await bench.clock.advance(1500);
  assert.equal(word(early), "under way");
  assert.equal(left.length, 2);
  await bench.clock.advance(1000);
  assert.equal(word(early), "192.0.2.1");
  assert.ok(early.at < 2050, `${early.at}`);
});

Deno.test("an early question that waits too long hears SERVFAIL, and its pair still gets its turn", async () => {
  const names = Array.from({ length: 10 }, (_, i) => `n${i}.test`);
  const head = `mode = "hermetic"\ntypes = ["A"]\nallow = ${JSON.stringify(names)}`;
  const { bench } = hermetic('[hermetic]\nrate = 1\n[cache]\nmin_ttl = "1m"\n', undefined, head);
  bench.resolver.begin();
  const early = bench.ask("n9.test");
  await bench.clock.advance(4400);
  assert.equal(word(early), "upstream");
  await bench.clock.advance(6000);
  assert.equal(word(bench.ask("n9.test")), "192.0.2.1");
});

Deno.test("after the start every question is answered at once", async () => {
  const { bench } = hermetic('[cache]\nmin_ttl = "10s"\n', answering(5));
  bench.resolver.begin();
  await bench.clock.advance(1000);
  for (let i = 0; i < 1000; i++) {
    assert.equal(word(bench.ask(NAMES[i % 3]!)), "192.0.2.1");
    await bench.clock.advance(311);
  }
});

Deno.test("an answer is refreshed ahead of its end, and no sooner than it has to be", async () => {
  const { bench, left } = hermetic("", answering(600));
  bench.resolver.begin();
  await bench.clock.advance(3_600_000);
  for (const name of NAMES) {
    const times = left.filter(({ pair }) => pair === `${name} A`).map(({ at }) => at);
    assert.ok(times.length > 5, `${times.length}`);
    for (const [i, time] of times.slice(1).entries()) {
      const age = time - times[i]!;
      assert.ok(age >= 600_000 - leadOf(600_000) && age < 600_000 - 4500, `${name}: ${age}`);
    }
  }
});

Deno.test("refreshes of pairs that were asked for together drift apart", async () => {
  const { bench, left } = hermetic("", answering(3600));
  bench.resolver.begin();
  await bench.clock.advance(3_700_000);
  const second = left.slice(3).map(({ at }) => at);
  assert.equal(second.length, 3);
  assert.ok(Math.max(...second) - Math.min(...second) > 1000, second.join(" "));
});

Deno.test("no two emissions of a pair start in a floor, however short its TTL is", async () => {
  const { bench, left } = hermetic('[cache]\nmin_ttl = "30s"\n', answering(0));
  bench.resolver.begin();
  await bench.clock.advance(3_600_000);
  for (const name of NAMES) {
    const times = left.filter(({ pair }) => pair === `${name} A`).map(({ at }) => at);
    // One each 30 to 33 s, and no gap in between.
    assert.ok(times.length >= 108 && times.length <= 120, `${times.length}`);
    assert.ok(times.slice(1).every((time, i) => time >= times[i]! + 30_000));
  }
});

Deno.test("while upstreams are silent or fail, it backs off to a round in half a minute or so", async () => {
  for (
    const peer of [() => {}, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 }))] as UdpPeer[]
  ) {
    const { bench, left } = hermetic('[cache]\nmin_ttl = "1m"\n[query]\ntries = 1\n', peer);
    bench.resolver.begin();
    await bench.clock.advance(3_600_000);
    const times = left.filter(({ pair }) => pair === "a.test A").map(({ at }) => at);
    const late = times.slice(1).map((time, i) => time - times[i]!).slice(8);
    assert.ok(times.length > 90 && times.length < 125, `${times.length}`);
    assert.ok(late.every((pause) => pause >= 30_000 && pause < 75_000), late.join(" "));
  }
});

Deno.test("when the upstream is back all pairs are fresh within a minute or so", async () => {
  const { bench } = hermetic('[cache]\nmin_ttl = "1m"\n', () => {});
  bench.resolver.begin();
  await bench.clock.advance(3_600_000);
  bench.network.onUdp(FIRST, answering(600));
  await bench.clock.advance(75_000);
  for (const name of NAMES) assert.equal(word(bench.ask(name)), "192.0.2.1");
});

Deno.test("while upstreams are down what is stale is served at once, and SERVFAIL when nothing is", async () => {
  const { bench } = hermetic('[cache]\nstale = "1h"\nmin_ttl = "10s"\n', answering(60));
  const served = new Served(bench);
  bench.resolver.begin();
  await bench.clock.advance(10_000);
  bench.network.onUdp(FIRST, () => {});
  // Its TTL, and the time in which a refresh may be late.
  await bench.clock.advance(50_000 + leadOf(60_000) + 200);
  const heard = served.ask("a.test");
  assert.equal(tell(heard), "NOERROR 192.0.2.1 EDE 3");
  assert.equal(heard.reply?.ttl, 30);
  for (let i = 0; i < 50; i++) {
    assert.equal(tell(served.ask(NAMES[i % 3]!)), "NOERROR 192.0.2.1 EDE 3");
    await bench.clock.advance(60_000);
  }
  await bench.clock.advance(720_000);
  const late = served.ask("a.test");
  await bench.clock.advance(4400);
  assert.equal(tell(late), "SERVFAIL EDE 22");
});

Deno.test('with stale = "0s" a refresh still finds the answer in its place', async () => {
  const { bench } = hermetic('[cache]\nstale = "0s"\nmin_ttl = "10s"\n', answering(5));
  bench.resolver.begin();
  await bench.clock.advance(1000);
  for (let i = 0; i < 500; i++) {
    assert.equal(word(bench.ask(NAMES[i % 3]!)), "192.0.2.1", `${bench.clock.monotonic()}`);
    await bench.clock.advance(311);
  }
});

Deno.test("that all pairs have been asked for is told once, with how many were answered", async () => {
  const { bench } = hermetic("", ({ bytes }, reply) => {
    reply(questionIn(bytes) === "b.test A" ? respond(bytes, { rcode: 2 }) : respondA(bytes));
  });
  bench.resolver.begin();
  await bench.clock.advance(600_000);
  const [told, ...more] = readiness(bench) as { pairs: number; answered: number; ms: number }[];
  assert.deepEqual([told!.pairs, told!.answered, more], [3, 2, []]);
  assert.ok(told!.ms >= 100 && told!.ms < 200, `${told!.ms}`);
});

Deno.test("it is told when nothing answers too, once", async () => {
  const { bench } = hermetic("", () => {});
  bench.resolver.begin();
  await bench.clock.advance(4300);
  assert.deepEqual(readiness(bench), []);
  await bench.clock.advance(600_000);
  const told = readiness(bench) as { pairs: number; answered: number }[];
  assert.deepEqual(told.map(({ pairs, answered }) => [pairs, answered]), [[3, 0]]);
});

Deno.test("a rule that has expired is none: nothing of it leaves, and it holds nobody up", async () => {
  const rule = '[[rule]]\nname = "old.test"\nexpires = 2026-05-01T00:00:00Z\n';
  const { bench, left } = hermetic(rule);
  bench.resolver.begin();
  await bench.clock.advance(600_000);
  const told = readiness(bench) as { pairs: number; answered: number }[];
  assert.deepEqual(told.map(({ pairs, answered }) => [pairs, answered]), [[4, 3]]);
  assert.ok(left.every(({ pair }) => pair !== "old.test A"));
});

Deno.test("a rule that expires is not refreshed any more", async () => {
  const rule = '[[rule]]\nname = "old.test"\nexpires = 2026-06-01T00:10:00Z\n';
  const { bench, left } = hermetic(`${rule}[cache]\nmin_ttl = "30s"\n`, answering(0));
  bench.resolver.begin();
  await bench.clock.advance(3_600_000);
  const times = left.filter(({ pair }) => pair === "old.test A").map(({ at }) => at);
  assert.ok(times.length >= 18 && times.at(-1)! < 600_000, `${times.length} ${times.at(-1)}`);
  assert.equal(readiness(bench).length, 1);
});

Deno.test("forward rules next to hermetic ones are asked for when clients ask, and only then", async () => {
  const rule = '[[rule]]\nname = "f.test"\nmode = "forward"\n';
  const { bench, left } = hermetic(rule);
  bench.resolver.begin();
  await bench.clock.advance(60_000);
  assert.ok(left.length === 3 && left.every(({ pair }) => pair !== "f.test A"));
  const asked = bench.ask("f.test");
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
});

Deno.test("closing ends it: no timer is left, and nothing leaves any more", async () => {
  const { bench, left } = hermetic('[cache]\nmin_ttl = "10s"\n', answering(5));
  bench.resolver.begin();
  await bench.clock.advance(60_000);
  bench.resolver.close();
  const before = left.length;
  await bench.clock.advance(600_000);
  assert.deepEqual([left.length, bench.clock.timers], [before, 0]);
});
