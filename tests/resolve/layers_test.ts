import assert from "node:assert/strict";
import type { Random } from "../../src/system/mod.ts";
import { createResolver } from "../../src/resolve/mod.ts";
import { Bench, FIRST, SECOND, SETTLE, word } from "../support/fake_resolver.ts";
import { respond, respondA } from "../support/upstream_answers.ts";
import { record, u32, wireName } from "../support/packets.ts";

Deno.test("an answer is kept for its TTL, and not a moment longer", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 60)));
  bench.ask();
  // It leaves on the first tick, of 1 ms, and is answered at once.
  await bench.clock.advance(60_000);
  const kept = bench.ask();
  assert.equal(word(kept), "192.0.2.1");
  assert.equal(bench.sent.length, 1);
  await bench.clock.advance(1);
  bench.ask();
  await bench.settle();
  assert.equal(bench.sent.length, 2);
});

Deno.test("TTL 0 is kept for the floor, and none for longer than max_ttl", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0)));
  bench.ask();
  await bench.clock.advance(1000);
  bench.ask();
  await bench.settle();
  assert.equal(bench.sent.length, 1);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0x7fffffff)));
  const long = bench.ask();
  await bench.settle();
  assert.equal(bench.sent.length, 2);
  assert.equal(long.resolution?.kind === "answer" && long.resolution.answer.ttl, 3600);
  await bench.clock.advance(3_600_000);
  bench.ask();
  await bench.settle();
  assert.equal(bench.sent.length, 3);
});

Deno.test("a rule's min_ttl lengthens a shorter TTL", async () => {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[[rule]]\nname = "short.example"\nmin_ttl = "5m"`,
  );
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0)));
  bench.ask("short.example");
  await bench.clock.advance(300_000 - SETTLE);
  assert.equal(word(bench.ask("short.example")), "192.0.2.1");
  await bench.settle();
  assert.equal(bench.sent.length, 1);
  await bench.clock.advance(2000);
  assert.equal(bench.sent.length, 2);
});

Deno.test("the clock of the day may jump: what is kept goes by the clock that does not", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 60)));
  bench.ask();
  await bench.settle();
  for (const year of ["1970", "2100"]) {
    bench.clock.setWall(Date.parse(year));
    assert.equal(word(bench.ask()), "192.0.2.1");
  }
  assert.equal(bench.sent.length, 1);
});

Deno.test("a negative answer is kept for the time that its SOA gives", async () => {
  const bench = new Bench();
  const soa = record("example", 6, 300, [
    ...wireName("ns.example"),
    ...wireName("root.example"),
    ...[1, 2, 3, 4, 30].flatMap(u32),
  ]);
  bench.network.onUdp(
    FIRST,
    ({ bytes }, reply) => reply(respond(bytes, { rcode: 3, authority: [soa] })),
  );
  bench.ask();
  await bench.clock.advance(30_000);
  assert.equal(word(bench.ask()), "NXDOMAIN");
  assert.equal(bench.sent.length, 1);
  await bench.clock.advance(1);
  bench.ask();
  await bench.settle();
  assert.equal(bench.sent.length, 2);
});

Deno.test("types are kept apart", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.ask("api.example", 1);
  await bench.settle();
  bench.ask("api.example", 28);
  await bench.settle();
  assert.equal(bench.sent.length, 2);
});

Deno.test("a failure is remembered for the floor at least, then the upstream is asked again", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 })));
  bench.ask();
  await bench.clock.advance(1000);
  assert.equal(word(bench.ask()), "upstream");
  assert.equal(bench.sent.length, 1);
  await bench.clock.advance(1);
  bench.ask();
  await bench.settle();
  assert.equal(bench.sent.length, 2);
});

Deno.test("a storm of one question is one question upstream, and all get the answer", async () => {
  const bench = new Bench();
  let answer = (): void => {};
  bench.network.onUdp(FIRST, ({ bytes }, reply) => answer = () => reply(respondA(bytes)));
  const all = Array.from({ length: 20_000 }, () => bench.ask());
  await bench.settle();
  assert.equal(bench.sent.length, 1);
  answer();
  await bench.settle();
  assert.equal(all.every((asked) => word(asked) === "192.0.2.1"), true);
});

Deno.test("beyond in_flight a question fails at once, and the place is free again later", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n[query]\nin_flight = 2`);
  const [first, second] = [bench.ask("a.example"), bench.ask("b.example")];
  const third = bench.ask("c.example");
  await bench.settle();
  assert.equal(word(third), "overload");
  assert.equal(bench.sent.length, 2);
  await bench.clock.advance(4500);
  assert.deepEqual([word(first), word(second)], ["upstream", "upstream"]);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  const later = bench.ask("c.example");
  await bench.settle();
  assert.equal(word(later), "192.0.2.1");
});

Deno.test("each upstream is asked for . NS once at start, and the first answer is told", async () => {
  const bench = new Bench(2);
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respond(bytes, { rcode: 5 })));
  bench.resolver.begin();
  await bench.clock.advance(10_000);
  const { sent } = bench.network;
  assert.deepEqual(sent.map(({ to }) => `${to.hostname}:${to.port}`), [FIRST, SECOND]);
  for (const { bytes } of sent) {
    assert.deepEqual([...bytes.subarray(12, 17)], [0, 0, 2, 0, 1]);
  }
  assert.deepEqual(bench.recorder.events, [{ event: "upstream", address: SECOND, name: SECOND }]);
});

Deno.test("when no upstream answers the probe there is a warning, and asking goes on", async () => {
  const bench = new Bench();
  bench.resolver.begin();
  await bench.clock.advance(10_000);
  assert.equal(bench.recorder.events.length, 1);
  assert.equal(bench.recorder.events[0]?.event, "warning");
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  const asked = bench.ask();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
  assert.equal(bench.recorder.events[1]?.event, "upstream");
});

Deno.test("nothing is left behind: no timer, no question that waits", async () => {
  const bench = new Bench(2);
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
  for (let i = 0; i < 50; i++) bench.ask(`n${i}.example`);
  await bench.clock.advance(5000);
  bench.resolver.close();
  assert.equal(bench.clock.timers, 0);
});

Deno.test("a storm of one silent question leaves room for others, and is bounded itself", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n[query]\nin_flight = 4`);
  bench.network.onUdp(
    FIRST,
    ({ bytes }, reply) => bytes[13] === 0x66 ? reply(respondA(bytes)) : undefined,
  );
  const all = Array.from({ length: 1000 }, () => bench.ask("silent.example"));
  await bench.settle();
  assert.equal(all.filter((asked) => word(asked) === "overload").length, 1000 - 4 * 56);
  assert.equal(bench.sent.length, 1);
});

Deno.test("names below a wildcard take half of the places, so that an exact name always finds one", async () => {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[query]\nin_flight = 4\n[[rule]]\nname = "exact.test"`,
  );
  for (let i = 0; i < 100; i++) bench.ask(`made-up-${i}.example`);
  bench.ask("exact.test");
  await bench.settle();
  assert.equal(bench.sent.length, 3);
});

Deno.test("being overloaded is not remembered", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n[query]\nin_flight = 1`);
  let answer = (): void => {};
  bench.network.onUdp(FIRST, ({ bytes }, reply) => answer = () => reply(respondA(bytes)));
  bench.ask("a.example");
  const refused = bench.ask("b.example");
  await bench.settle();
  assert.equal(word(refused), "overload");
  answer();
  await bench.settle();
  bench.ask("b.example");
  await bench.settle();
  assert.equal(bench.sent.length, 2);
});

Deno.test("after a rule has expired, what it had fetched is not served by another", async () => {
  const bench = new Bench(
    `[[upstream]]\nname = "inner"\naddress = "${FIRST}"\n[[upstream]]\naddress = "${SECOND}"\n` +
      '[[rule]]\nname = "a.example"\nupstream = "inner"\nexpires = 2026-06-01T00:00:10Z',
  );
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 3600)));
  bench.ask("a.example");
  await bench.clock.advance(10_000);
  bench.ask("a.example");
  await bench.settle();
  assert.equal(bench.sent.length, 2);
});

Deno.test("AD is believed only where nobody can have set it on the way", async () => {
  for (const [address, expected] of [[FIRST, false], ["127.0.0.7:53", true]] as const) {
    const bench = new Bench(`[[upstream]]\naddress = "${address}"`);
    bench.network.onUdp(address, ({ bytes }, reply) => {
      const answer = respondA(bytes);
      answer[3] = answer[3]! | 0x20;
      reply(answer);
    });
    const asked = bench.ask();
    await bench.settle();
    assert.equal(
      asked.resolution?.kind === "answer" && asked.resolution.answer.authenticated,
      expected,
    );
  }
});

Deno.test("kept answers below wildcards are bounded in bytes: the oldest go", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`);
  const many = Array.from(
    { length: 256 },
    (_, i) => record([0xc0, 12], 1, 3600, [192, 0, 2, i]),
  );
  bench.network.onTcp(FIRST, (bytes) => Promise.resolve([respond(bytes, { answer: many })]));
  for (let i = 0; i < 1000; i++) {
    bench.ask(`n${i}.example`);
    await bench.settle();
  }
  const asked = bench.network.sentOverTcp.length;
  bench.ask("n999.example");
  bench.ask("n0.example");
  await bench.settle();
  assert.deepEqual([asked, bench.network.sentOverTcp.length], [1000, 1001]);
});

Deno.test("two questions on one port with one ID cannot be", async () => {
  const bench = new Bench(1, 1);
  const random: Random = { uint16: countTo(3), below: () => 0, fork: () => random };
  const { clock, network, policy, recorder } = bench;
  const resolver = createResolver(policy, { clock, network, random }, recorder);
  const rule = policy.rules.rules[0]!;
  network.onUdp(
    FIRST,
    ({ bytes }, reply) => setTimer(clock, () => reply(respondA(bytes, "192.0.2.1"))),
  );
  const all = ["a.example", "b.example", "c.example"].map((name) =>
    resolver.resolve({ name, type: 1 }, rule, "127.0.0.1", 0)
  );
  await bench.settle();
  const ids = bench.sent.map(({ bytes }) => (bytes[0]! << 8) | bytes[1]!);
  assert.equal(new Set(ids).size, 3);
  await clock.advance(10);
  for (const resolution of await Promise.all(all)) assert.equal(resolution.kind, "answer");
});

function setTimer(clock: Bench["clock"], callback: () => void): void {
  clock.setTimer(5, callback);
}

/** Numbers that come again and again: 0, 0, 1, 1, 2, 2, 0 … */
function countTo(bound: number): () => number {
  let calls = 0;
  return () => Math.floor(calls++ / 2) % bound;
}
