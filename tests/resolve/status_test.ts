import assert from "node:assert/strict";
import type { TableStatus } from "../../src/resolve/mod.ts";
import { Bench, FIRST, SECOND } from "../support/fake_resolver.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const EXACT = 'allow = ["a.example", "b.example", "*.wild.example"]';

function survey({ resolver }: Bench): TableStatus {
  const steps = resolver.survey();
  for (let step = steps.next();; step = steps.next()) if (step.done) return step.value;
}

function counts({ resolver }: Bench): unknown[] {
  return resolver.status().upstreams.map((
    { upstream, isAnswering, questions, answers, failures, unreachable },
  ) => [upstream.name, isAnswering, questions, answers, failures, unreachable]);
}

Deno.test("the status counts what each upstream was asked and what came of it, our own probe among it", async () => {
  const bench = new Bench(2, 1, EXACT);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { flags: 0x8182 })));
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.resolver.begin();
  await bench.settle();
  bench.ask("a.example");
  await bench.settle();
  assert.deepEqual(counts(bench), [
    [FIRST, true, 2, 0, 2, 0],
    [SECOND, true, 2, 2, 0, 0],
  ]);
});

Deno.test("an upstream that never answered is not answering, and what cannot be sent is unreachable", async () => {
  const bench = new Bench(1, 1, EXACT);
  bench.network.isDown = true;
  bench.resolver.begin();
  await bench.settle();
  assert.deepEqual(counts(bench), [[FIRST, false, 1, 0, 0, 1]]);
});

Deno.test("counts go on over a reload, and end with their upstream", async () => {
  const bench = new Bench(2, 1, EXACT);
  for (const one of [FIRST, SECOND]) {
    bench.network.onUdp(one, ({ bytes }, reply) => reply(respondA(bytes)));
  }
  bench.ask("a.example");
  await bench.settle();
  bench.reload(1, EXACT);
  await bench.settle();
  const [first] = counts(bench) as unknown[][];
  assert.deepEqual(first, [FIRST, true, 2, 2, 0, 0]);
  bench.reload(2, EXACT);
  assert.deepEqual((counts(bench) as unknown[][])[1], [SECOND, false, 0, 0, 0, 0]);
});

Deno.test("the survey tells fresh from stale and how old the oldest answer is, and leaves out wildcards", async () => {
  const bench = new Bench(1, 1, EXACT);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 5)));
  assert.deepEqual(survey(bench), { pairs: 0, fresh: 0, stale: 0, oldest: 0 });
  bench.ask("a.example");
  bench.ask("x.wild.example");
  await bench.settle();
  await bench.clock.advance(4000);
  bench.network.isDown = true;
  bench.ask("b.example");
  await bench.settle();
  const { oldest, ...some } = survey(bench);
  assert.deepEqual(some, { pairs: 2, fresh: 1, stale: 0 });
  assert.ok(oldest >= 4000 && oldest < 4100, `${oldest}`);
  await bench.clock.advance(20_000);
  assert.deepEqual({ ...survey(bench), oldest: 0 }, { pairs: 2, fresh: 0, stale: 1, oldest: 0 });
});

Deno.test("hermetic pairs are untried until each was asked for", async () => {
  const bench = new Bench(1, 1, 'mode = "hermetic"\ntypes = ["A"]\nallow = ["a.test", "b.test"]');
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.resolver.begin();
  assert.equal(bench.resolver.status().untried, 2);
  assert.equal(survey(bench).pairs, 2);
  await bench.clock.advance(1000);
  assert.equal(bench.resolver.status().untried, 0);
});
