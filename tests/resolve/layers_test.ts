import assert from "node:assert/strict";
import { Bench, FIRST, SECOND, word } from "../support/fake_resolver.ts";
import { respond, respondA } from "../support/upstream_answers.ts";
import { record, u32, wireName } from "../support/packets.ts";

Deno.test("an answer is kept for its TTL, and not a moment longer", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 60)));
  bench.ask();
  await bench.clock.advance(59_999);
  const kept = bench.ask();
  assert.equal(word(kept), "192.0.2.1");
  assert.equal(bench.network.sent.length, 1);
  await bench.clock.advance(1);
  bench.ask();
  await bench.settle();
  assert.equal(bench.network.sent.length, 2);
});

Deno.test("TTL 0 is not kept, and none is kept for more than an hour", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0)));
  for (const _ of [1, 2]) {
    bench.ask();
    await bench.settle();
  }
  assert.equal(bench.network.sent.length, 2);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0x7fffffff)));
  const long = bench.ask();
  await bench.settle();
  assert.equal(long.resolution?.kind === "answer" && long.resolution.answer.ttl, 3600);
  await bench.clock.advance(3_600_000);
  bench.ask();
  await bench.settle();
  assert.equal(bench.network.sent.length, 4);
});

Deno.test("a rule's min_ttl lengthens a shorter TTL", async () => {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[[rule]]\nname = "short.example"\nmin_ttl = "5m"`,
  );
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 0)));
  bench.ask("short.example");
  await bench.clock.advance(299_999);
  bench.ask("short.example");
  await bench.settle();
  assert.equal(bench.network.sent.length, 1);
  await bench.clock.advance(1);
  bench.ask("short.example");
  await bench.settle();
  assert.equal(bench.network.sent.length, 2);
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
  assert.equal(bench.network.sent.length, 1);
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
  await bench.clock.advance(29_999);
  assert.equal(word(bench.ask()), "NXDOMAIN");
  assert.equal(bench.network.sent.length, 1);
  await bench.clock.advance(1);
  bench.ask();
  await bench.settle();
  assert.equal(bench.network.sent.length, 2);
});

Deno.test("types are kept apart", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.ask("api.example", 1);
  await bench.settle();
  bench.ask("api.example", 28);
  await bench.settle();
  assert.equal(bench.network.sent.length, 2);
});

Deno.test("a failure is remembered for a second, then the upstream is asked again", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 })));
  bench.ask();
  await bench.clock.advance(999);
  assert.equal(word(bench.ask()), "upstream");
  assert.equal(bench.network.sent.length, 1);
  await bench.clock.advance(1);
  bench.ask();
  await bench.settle();
  assert.equal(bench.network.sent.length, 2);
});

Deno.test("a storm of one question is one question upstream, and all get the answer", async () => {
  const bench = new Bench();
  let answer = (): void => {};
  bench.network.onUdp(FIRST, ({ bytes }, reply) => answer = () => reply(respondA(bytes)));
  const all = Array.from({ length: 20_000 }, () => bench.ask());
  await bench.settle();
  assert.equal(bench.network.sent.length, 1);
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
  assert.equal(bench.network.sent.length, 2);
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
  bench.resolver.probe();
  await bench.clock.advance(10_000);
  assert.deepEqual(bench.destinations, [FIRST, SECOND]);
  for (const { bytes } of bench.network.sent) {
    assert.deepEqual([...bytes.subarray(12, 17)], [0, 0, 2, 0, 1]);
  }
  assert.deepEqual(bench.recorder.events, [{ event: "upstream", address: SECOND, name: SECOND }]);
});

Deno.test("when no upstream answers the probe there is a warning, and asking goes on", async () => {
  const bench = new Bench();
  bench.resolver.probe();
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
  assert.equal(bench.clock.timers, 0);
});
