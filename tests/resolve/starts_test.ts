/** What one client may have under way: the others find their part of it. */

import assert from "node:assert/strict";
import { Bench, FIRST, SECOND, word } from "../support/fake_resolver.ts";
import { respondA } from "../support/upstream_answers.ts";

const NAMES = Array.from({ length: 2000 }, (_, i) => `n${i}.test`);
const HEAD = `allow = ${JSON.stringify(NAMES)}`;
const ONE = `[[upstream]]\naddress = "${FIRST}"\n`;
const QUERY = '[query]\nin_flight = 100\n[cache]\nmin_ttl = "30s"\n';

/** How many of so many names, from one on, a client gets asked for; the rest fail at once. */
async function start(bench: Bench, from: number, count: number, client: string): Promise<number> {
  const before = bench.sent.length;
  const all = NAMES.slice(from, from + count).map((name) => bench.ask(name, 1, client));
  await bench.settle();
  const failed = all.filter((one) => word(one) === "overload").length;
  assert.equal(failed + bench.sent.length - before, count);
  return count - failed;
}

Deno.test("of the places of a silent upstream one client has three quarters, and the next one of the rest", async () => {
  const bench = new Bench(ONE + QUERY, 1, HEAD);
  assert.equal(await start(bench, 0, 1000, "10.0.0.1"), 75);
  assert.equal(await start(bench, 1000, 500, "10.0.0.2"), 19);
  assert.equal(await start(bench, 1500, 1, "10.0.0.3"), 1);
});

Deno.test("all of loopback is one client, however many of its addresses ask", async () => {
  const bench = new Bench(ONE + QUERY, 1, HEAD);
  for (let i = 0; i < 500; i++) bench.ask(NAMES[i]!, 1, `127.0.${i >> 8}.${i & 255}`);
  await bench.settle();
  assert.equal(bench.sent.length, 75);
  assert.equal(await start(bench, 1000, 1, "10.0.0.3"), 1);
});

Deno.test("names of a silent upstream do not take the places of another upstream's", async () => {
  const inner = `[[upstream]]\nname = "inner"\naddress = "${SECOND}"\n`;
  const rules = NAMES.slice(0, 1000)
    .map((name) => `[[rule]]\nname = "${name}"\nupstream = "inner"\n`).join("");
  const bench = new Bench(
    `${ONE}${inner}${QUERY}${rules}`,
    1,
    `allow = ${JSON.stringify(NAMES.slice(1000))}`,
  );
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  for (const name of NAMES.slice(0, 1000)) bench.ask(name);
  await bench.settle();
  const asked = NAMES.slice(1000, 1010).map((name) => bench.ask(name));
  await bench.settle();
  assert.deepEqual([...new Set(asked.map(word))], ["192.0.2.1"]);
});

Deno.test("the line before the gate has no room for thousands: when the upstream is back, so is everyone", async () => {
  const bench = new Bench(ONE + QUERY, 1, HEAD);
  for (let round = 0; round < 20; round++) {
    for (const name of NAMES) bench.ask(name, 1, "10.0.0.1");
    await bench.clock.advance(500);
  }
  assert.ok(bench.sent.length < 20 * 75, `${bench.sent.length}`);
  const other = bench.ask(NAMES[1999]!, 1, "10.0.0.2");
  assert.equal(word(other), "under way");
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  // The longest pause between two rounds of one emission.
  await bench.clock.advance(38_000);
  for (const name of NAMES.slice(0, 60)) bench.ask(name, 1, "10.0.0.1");
  await bench.settle();
  const again = NAMES.slice(0, 60).map((name) => bench.ask(name, 1, "10.0.0.1"));
  assert.deepEqual([...new Set(again.map(word))], ["192.0.2.1"]);
});

Deno.test("what is over gives its place back, through answers, failures, expiry and reloads", async () => {
  const bench = new Bench(ONE + QUERY.replace("30s", "1s"), 1, HEAD);
  for (let round = 0; round < 10; round++) {
    const isAnswering = round % 2 === 0;
    bench.network.onUdp(FIRST, ({ bytes }, reply) => isAnswering && reply(respondA(bytes)));
    const from = round * 100;
    assert.equal(await start(bench, from, 60, "10.0.0.1"), 60, `round ${round}`);
    if (round % 3 === 0) bench.reload(ONE + QUERY.replace("30s", "1s"), HEAD);
    if (round === 5) {
      // None of these is listed any more while they are under way.
      bench.reload(ONE + QUERY.replace("30s", "1s"), 'allow = ["other.test"]');
      bench.reload(ONE + QUERY.replace("30s", "1s"), HEAD);
    } else await bench.clock.advance(10_000);
  }
});

Deno.test("names below wildcards: one client leaves places to others there too", async () => {
  const bench = new Bench(`${ONE}${QUERY}`, 1, 'allow = ["*.example"]');
  const ask = (label: string, count: number, client: string) =>
    Array.from({ length: count }, (_, i) => bench.ask(`${label}${i}.example`, 1, client));
  ask("a", 500, "10.0.0.1");
  await bench.settle();
  assert.equal(bench.sent.length, 75);
  const others = ask("b", 5, "10.0.0.2");
  await bench.settle();
  assert.deepEqual([bench.sent.length, word(others[0]!)], [80, "under way"]);
});
