import assert from "node:assert/strict";
import fc from "fast-check";
import { Budget } from "../../src/resolve/budget.ts";
import { Bench, FIRST, word } from "../support/fake_resolver.ts";
import { Served, tell } from "../support/served.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

/** An hour, and a second for what leaves late. */
const HOUR = 3_600_000 + 1000;
const UPSTREAM = `[[upstream]]\naddress = "${FIRST}"\n`;

/** Wildcards with a budget, and an upstream that answers for 60 s. */
function withBudget(perHour: number, more = "", head?: string): Bench {
  const toml = `${UPSTREAM}${more}[budget]\nwildcards_per_hour = ${perHour}\n`;
  const bench = new Bench(toml, 1, head);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 60)));
  return bench;
}

/** Asks for names that nobody asked for before, each as another client, and counts those that are answered. */
async function askNew(bench: Bench, count: number, label: string): Promise<number> {
  const all = Array.from(
    { length: count },
    (_, i) => bench.ask(`${label}${i}.example`, 1, `10.0.${i >> 8}.${i & 255}`),
  );
  await bench.settle();
  assert.ok(all.every((one) => ["192.0.2.1", "budget"].includes(word(one))));
  return all.filter((one) => word(one) === "192.0.2.1").length;
}

Deno.test("names below wildcards cause so many emissions in an hour, and when it is over as many again", async () => {
  const bench = withBudget(10);
  assert.equal(await askNew(bench, 30, "a"), 10);
  await bench.clock.advance(HOUR - 20);
  assert.equal(await askNew(bench, 30, "b"), 0);
  await bench.clock.advance(20);
  assert.equal(await askNew(bench, 30, "c"), 10);
  assert.equal(bench.sent.length, 20);
});

Deno.test("in no hour, wherever it begins, are there more; and what an hour gives is not lost", async () => {
  const bench = withBudget(12);
  const times: number[] = [];
  bench.network.onSent = () => times.push(bench.clock.monotonic());
  for (let i = 0; i < 600; i++) {
    await askNew(bench, i % 7 === 0 ? 3 : 1, `x${i}-`);
    await bench.clock.advance((i * 7919) % 120_000);
  }
  for (const start of times) {
    const within = times.filter((time) => time >= start && time < start + HOUR).length;
    assert.ok(within <= 12, `${within} from ${start}`);
  }
  const hours = times.at(-1)! / HOUR;
  assert.ok(times.length >= 12 * Math.floor(hours), `${times.length} in ${hours} hours`);
});

Deno.test("each type counts, and each floor, and what was evicted counts again", async () => {
  const bench = withBudget(8);
  const ask = async (name: string, type = 1): Promise<string> => {
    const asked = bench.ask(name, type);
    await bench.settle();
    return word(asked);
  };
  for (const type of [1, 28]) await ask("a.example", type);
  assert.equal(bench.sent.length, 2);
  await ask("a.example");
  assert.equal(bench.sent.length, 2);
  await bench.clock.advance(60_000);
  for (let i = 0; i < 4; i++) {
    await ask("a.example");
    await bench.clock.advance(60_000);
  }
  // One client alone has three quarters of it.
  assert.equal(bench.sent.length, 6);
  assert.equal(await ask("b.example"), "budget");
});

Deno.test("a name that had to make way is asked for again, and is counted again", async () => {
  const bench = withBudget(100_000, "[query]\nin_flight = 60000\n");
  bench.ask("old.example", 1, "10.0.0.1");
  await bench.settle();
  for (let i = 0; i < 10_000; i++) bench.ask(`n${i}.example`, 1, `10.1.${i >> 8}.${i & 255}`);
  await bench.settle();
  // Packets leave one after the other: that takes very many turns of the event loop.
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(bench.sent.length, 10_001);
  assert.equal(word(bench.ask("n9999.example")), "192.0.2.1");
  bench.ask("old.example", 1, "10.0.0.1");
  await bench.settle();
  assert.equal(bench.sent.length, 10_002);
});

Deno.test("tries, rounds and TCP belong to the emission that they follow from", async () => {
  const bench = withBudget(2, '[cache]\nmin_ttl = "1m"\n');
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 })));
  bench.ask("a.example");
  await bench.clock.advance(59_000);
  assert.ok(bench.sent.length > 3);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  const other = bench.ask("b.example", 1, "10.0.0.2");
  await bench.settle();
  assert.equal(word(other), "192.0.2.1");
});

Deno.test("over budget, what is fresh and what is stale goes on being served", async () => {
  const bench = withBudget(1);
  const served = new Served(bench);
  served.ask("a.example");
  await bench.settle();
  assert.equal(tell(served.ask("a.example")), "NOERROR 192.0.2.1");
  await bench.clock.advance(60_000);
  const stale = served.ask("a.example");
  assert.equal(tell(stale), "NOERROR 192.0.2.1 EDE 3");
  assert.equal(stale.reply?.ttl, 30);
  assert.equal(bench.recorder.last, "serve listed");
  assert.equal(bench.sent.length, 1);
});

Deno.test("exact names and hermetic ones cost nothing of the budget", async () => {
  const bench = withBudget(0, "", 'allow = ["*.example", "exact.test"]');
  const asked = bench.ask("exact.test");
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
});

const UNLISTED = [
  ["drop", "new.example", "nothing", "drop budget"],
  ["refused", "new.example", "REFUSED EDE 15", "refuse budget"],
  ["nxdomain", "new.example", "NXDOMAIN EDE 15", "nxdomain budget"],
  ["nxdomain", "above.example", "NOERROR EDE 15", "nodata budget"],
] as const;

for (const [unlisted, name, expected, last] of UNLISTED) {
  Deno.test(`over budget, with unlisted = "${unlisted}", ${name} gets ${expected}`, () => {
    const head = `unlisted = "${unlisted}"\nallow = ["**.example", "exact.above.example"]`;
    const bench = withBudget(0, "", head);
    const heard = new Served(bench).ask(name);
    assert.deepEqual([tell(heard), bench.recorder.last], [expected, last]);
    assert.equal(bench.recorder.queries.at(-1)?.rule, "**.example");
    assert.deepEqual(bench.sent, []);
  });
}

Deno.test("that the budget is used up is told at once, and not again and again", async () => {
  const bench = withBudget(0);
  const told = (): number =>
    bench.recorder.events.filter(({ event }) => event === "warning").length;
  bench.ask("first.example");
  assert.equal(told(), 1);
  assert.match(JSON.stringify(bench.recorder.events), /wildcards_per_hour/);
  for (let i = 0; i < 1000; i++) {
    bench.ask(`n${i}.example`);
    await bench.clock.advance(599);
  }
  assert.equal(told(), 1);
  await bench.clock.advance(1000);
  bench.ask("last.example");
  assert.equal(told(), 2);
});

Deno.test("one client cannot use up all: a quarter is left for others, who leave some of it", async () => {
  const bench = withBudget(100);
  const greedy = Array.from({ length: 200 }, (_, i) => bench.ask(`g${i}.example`, 1, "10.0.0.1"));
  await bench.settle();
  assert.equal(greedy.filter((one) => word(one) === "192.0.2.1").length, 75);
  const got: number[] = [];
  for (const client of [2, 3, 4]) {
    const asked = Array.from(
      { length: 50 },
      (_, i) => bench.ask(`o${client}-${i}.example`, 1, `10.0.0.${client}`),
    );
    await bench.settle();
    got.push(asked.filter((one) => word(one) === "192.0.2.1").length);
  }
  assert.deepEqual(got, [19, 5, 1]);
});

Deno.test("clients of one IPv6 network of 64 bits are one client, and those of another are not", async () => {
  const bench = withBudget(8);
  const ask = async (name: string, client: string): Promise<string> => {
    const asked = bench.ask(name, 1, client);
    await bench.settle();
    return word(asked);
  };
  for (let i = 0; i < 6; i++) {
    assert.equal(await ask(`n${i}.example`, `2001:db8::${i}:1`), "192.0.2.1");
  }
  assert.equal(await ask("n6.example", "2001:db8::ffff:2"), "budget");
  assert.equal(await ask("n7.example", "2001:db8:0:1::1"), "192.0.2.1");
  assert.equal(await ask("n8.example", "10.0.0.1"), "192.0.2.1");
  assert.equal(await ask("n9.example", "10.0.0.2"), "budget");
});

Deno.test("a budget of 0 lets nothing out, and a budget of 1 lets one client have it", async () => {
  assert.equal(await askNew(withBudget(0), 5, "a"), 0);
  const one = withBudget(1);
  assert.equal(await askNew(one, 5, "a"), 1);
  assert.equal(one.sent.length, 1);
});

Deno.test("what left an hour ago to the moment counts no longer, and a moment less does", () => {
  const budget = new Budget(1);
  assert.equal(budget.take("10.0.0.1", 5), true);
  assert.equal(budget.take("10.0.0.2", 5 + HOUR - 0.01), false);
  assert.equal(budget.take("10.0.0.2", 5 + HOUR), true);
});

Deno.test("a name over its budget is asked for when the hour has passed, as if it were new", async () => {
  const bench = withBudget(1);
  bench.ask("a.example");
  await bench.settle();
  assert.equal(word(bench.ask("b.example")), "budget");
  await bench.clock.advance(HOUR);
  const later = bench.ask("b.example");
  await bench.settle();
  assert.equal(word(later), "192.0.2.1");
});

Deno.test("when too much is under way nothing of the budget is spent", async () => {
  const bench = withBudget(3, "[query]\nin_flight = 1\n");
  bench.network.onUdp(FIRST, () => {});
  bench.ask("a.example", 1, "10.0.0.1");
  for (let i = 0; i < 10; i++) {
    assert.equal(word(bench.ask(`n${i}.example`, 1, `10.0.0.${i + 2}`)), "overload");
  }
  await bench.clock.advance(5000);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  for (const last of [20, 21]) {
    const asked = bench.ask(`m${last}.example`, 1, `10.0.0.${last}`);
    await bench.settle();
    assert.equal(word(asked), "192.0.2.1");
  }
});

Deno.test("whoever asks and whenever, no hour has more than the budget, and no client more than its share of it", () => {
  const takes = fc.array(fc.record({ after: fc.nat(HOUR / 4), client: fc.nat(3) }), {
    maxLength: 200,
  });
  fc.assert(fc.property(takes, fc.nat(20), (all, most) => {
    const budget = new Budget(most);
    const taken: { time: number; client: number }[] = [];
    let time = 0;
    for (const { after, client } of all) {
      time += after;
      const last = taken.filter((one) => one.time > time - HOUR);
      const own = last.filter((one) => one.client === client).length;
      const isLet = budget.take(`10.0.0.${client}`, time);
      assert.equal(isLet, own < 3 * (most - last.length));
      if (isLet) taken.push({ time, client });
    }
  }));
});
