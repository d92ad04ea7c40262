/** What people are told of an upstream that answers no more. */

import assert from "node:assert/strict";
import { Bench, FIRST } from "../support/fake_resolver.ts";
import { respondA } from "../support/upstream_answers.ts";

/** The warnings so far. */
function warningsOf({ recorder }: Bench): string[] {
  return recorder.events.flatMap((event) => event.event === "warning" ? [event.message] : []);
}

Deno.test("an upstream that was there and cannot be sent to any more is told of, with the reason", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n`);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.ask("first.example");
  await bench.settle();
  bench.network.isDown = true;
  bench.ask("second.example");
  await bench.clock.advance(5000);
  assert.deepEqual(warningsOf(bench), [
    `Upstream ${FIRST} has fallen silent: Error: Network is unreachable`,
  ]);
});

Deno.test("one that only says nothing is told of without a reason, and when it is back", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n`);
  let isThere = true;
  bench.network.onUdp(FIRST, ({ bytes }, reply) => isThere && reply(respondA(bytes)));
  bench.ask("first.example");
  await bench.settle();
  isThere = false;
  bench.ask("second.example");
  await bench.clock.advance(5000);
  assert.deepEqual(warningsOf(bench), [`Upstream ${FIRST} has fallen silent`]);
  isThere = true;
  await bench.clock.advance(10_000);
  const connected = bench.recorder.events.filter(({ event }) => event === "upstream");
  assert.equal(connected.length, 2);
});

Deno.test("each new reason for a silence is told once, however often it is met", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n`);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.ask("first.example");
  await bench.settle();
  let isThere = false;
  bench.network.onUdp(FIRST, ({ bytes }, reply) => isThere && reply(respondA(bytes)));
  bench.ask("second.example");
  await bench.clock.advance(5000);
  bench.network.isDown = true;
  await bench.clock.advance(30_000);
  const silence = [
    `Upstream ${FIRST} has fallen silent`,
    `Upstream ${FIRST} does not answer: Error: Network is unreachable`,
  ];
  assert.deepEqual(warningsOf(bench), silence);
  bench.network.isDown = false;
  isThere = true;
  await bench.clock.advance(10_000);
  isThere = false;
  bench.ask("third.example");
  await bench.clock.advance(5000);
  assert.deepEqual(warningsOf(bench), [...silence, silence[0]]);
});

Deno.test("an upstream that answered at first and is silent soon after is not said never to have answered", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\n`);
  let isThere = true;
  bench.network.onUdp(FIRST, ({ bytes }, reply) => isThere && reply(respondA(bytes)));
  bench.resolver.begin();
  await bench.settle();
  isThere = false;
  bench.ask("second.example");
  await bench.clock.advance(5000);
  assert.deepEqual(warningsOf(bench), [`Upstream ${FIRST} has fallen silent`]);
});
