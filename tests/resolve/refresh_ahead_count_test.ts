/** The leak bound against a count, with refreshes in it: every behaviour of clients, through the real resolver. */

import assert from "node:assert/strict";
import { gapOf, pairBound } from "../../src/policy/leak_bound.ts";
import { log2Up } from "../../src/policy/log2.ts";
import { Bench, FIRST } from "../support/fake_resolver.ts";
import { respondA } from "../support/upstream_answers.ts";

const NAME = "a.test";

/** A behaviour asks before those ticks whose bits are set; what comes back is on which ticks questions left. */
async function live(behaviour: number, ticks: number, tick: number, ttl: number): Promise<string> {
  const toml = `[[upstream]]\naddress = "${FIRST}"\n[query]\ntick = "${tick}ms"\n`;
  const bench = new Bench(toml, 1, `types = ["A"]\nallow = ["${NAME}"]`);
  const { clock, network } = bench;
  const left: number[] = [];
  network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", ttl)));
  network.onSent = ({ bytes }) => bytes[12] === 0 || left.push(clock.monotonic() / tick);
  await clock.advance(tick / 2);
  for (let i = 0; i < ticks; i++) {
    if (behaviour >> i & 1) bench.ask(NAME);
    await clock.advance(tick);
  }
  bench.resolver.close();
  return left.join(" ");
}

/** Ticks in all and those that count, which are the last; a tick in ms; a TTL in s. The floor is 1 s. */
const CASES: readonly [ticks: number, counted: number, tick: number, ttl: number][] = [
  [8, 8, 250, 1],
  [9, 5, 250, 1],
  [7, 5, 500, 1],
  [8, 8, 500, 2],
];

for (const [ticks, counted, tick, ttl] of CASES) {
  Deno.test(`${counted} of ${ticks} ticks of ${tick} ms, a floor of 1 s, TTL ${ttl} s: no more traces than the bound says`, async () => {
    const traces = new Set<string>();
    let refreshed = 0;
    for (let behaviour = 0; behaviour < 2 ** ticks; behaviour++) {
      const left = (await live(behaviour, ticks, tick, ttl)).split(" ").filter(Boolean).map(Number);
      const gaps = left.slice(1).map((at, i) => at - left[i]!);
      assert.ok(gaps.every((gap) => gap >= 1000 / tick), `${behaviour}: ${left}`);
      refreshed += left.filter((at) => !(behaviour >> (at - 1) & 1)).length;
      traces.add(left.filter((at) => at > ticks - counted).join(" "));
    }
    assert.ok(refreshed > 20, `${refreshed}`);
    const bound = pairBound(counted, gapOf(1000, tick));
    assert.ok(log2Up(BigInt(traces.size)) <= bound, `${traces.size} traces`);
  });
}
