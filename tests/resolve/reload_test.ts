import assert from "node:assert/strict";
import { Bench, FIRST, SECOND, word } from "../support/fake_resolver.ts";
import type { UdpPeer } from "../support/fake_network.ts";
import { questionIn } from "../support/scripted_upstream.ts";
import { WireName } from "../../src/wire/mod.ts";
import { Served, tell } from "../support/served.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const ONE = `[[upstream]]\naddress = "${FIRST}"\n`;
const OTHER = `[[upstream]]\naddress = "${SECOND}"\n`;
const FLOOR = `${ONE}[cache]\nmin_ttl = "30s"\n`;
const HEAD = 'types = ["A"]\nallow = ["a.test", "b.test"]';

const answering = (address = "192.0.2.1", ttl = 60): UdpPeer => ({ bytes }, reply) =>
  reply(respondA(bytes, address, ttl));

/** The questions that went upstream so far, but for our own. */
function questions({ sent }: Bench): string[] {
  return sent.map(({ bytes }) => questionIn(bytes));
}

Deno.test("what is kept of a name that is still listed is served on, and not asked for again", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  bench.network.onUdp(FIRST, answering());
  bench.ask("a.test");
  await bench.settle();
  bench.reload(FLOOR, 'types = ["A"]\nallow = ["b.test", "c.test", "a.test"]');
  assert.equal(word(bench.ask("a.test")), "192.0.2.1");
  assert.deepEqual(questions(bench), ["a.test A"]);
  bench.ask("c.test");
  await bench.settle();
  assert.deepEqual(questions(bench), ["a.test A", "c.test A"]);
});

Deno.test("a floor goes on over reloads, with other upstreams too", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  bench.ask("a.test");
  await bench.clock.advance(10_000);
  const tries = bench.sent.length;
  // What failed in silence is an emission as well: its further rounds are its own.
  for (const more of [FLOOR, FLOOR.replace(FIRST, SECOND), FLOOR]) {
    bench.reload(more, HEAD);
    for (let i = 0; i < 20; i++) bench.ask("a.test");
  }
  await bench.settle();
  const started = bench.sent.length - tries;
  assert.ok(started <= 3, `${started} questions for three changes of the ways of one emission`);
});

Deno.test("a name that is no longer listed is asked for no more, and its clients are told at once", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  const served = new Served(bench);
  const [a, b] = [served.ask("a.test"), served.ask("b.test")];
  await bench.clock.advance(100);
  served.reload(FLOOR, 'unlisted = "refused"\ntypes = ["A"]\nallow = ["b.test"]');
  await bench.settle();
  assert.deepEqual([tell(a), tell(b)], ["REFUSED EDE 15", "under way"]);
  const before = questions(bench).length;
  bench.network.onUdp(FIRST, answering());
  await bench.clock.advance(2000);
  assert.deepEqual(questions(bench).slice(before), ["b.test A"]);
  assert.equal(tell(b), "NOERROR 192.0.2.1");
});

Deno.test("a question that is under way goes on where nothing of its way has changed", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  const held: (() => void)[] = [];
  bench.network.onUdp(FIRST, ({ bytes }, reply) => held.push(() => reply(respondA(bytes))));
  const asked = bench.ask("a.test");
  await bench.settle();
  bench.reload(FLOOR, `unlisted = "nxdomain"\n${HEAD}`);
  await bench.settle();
  held.forEach((answer) => answer());
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
  assert.deepEqual(questions(bench), ["a.test A"]);
});

Deno.test("with another upstream a question that is under way is asked there, and nothing of the old is kept", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    if (questionIn(bytes) === "a.test A") reply(respondA(bytes, "192.0.2.1"));
  });
  bench.network.onUdp(SECOND, answering("192.0.2.2"));
  const kept = bench.ask("a.test");
  const asked = bench.ask("b.test");
  await bench.settle();
  assert.deepEqual([word(kept), word(asked)], ["192.0.2.1", "under way"]);
  bench.reload(FLOOR.replace(FIRST, SECOND), HEAD);
  await bench.settle();
  assert.equal(word(asked), "192.0.2.2");
  assert.equal(word(bench.ask("a.test")), "upstream", "its answer was the other upstream's");
  await bench.clock.advance(30_000);
  const again = bench.ask("a.test");
  await bench.settle();
  assert.equal(word(again), "192.0.2.2");
  assert.ok(bench.destinations.slice(-2).every((to) => to === SECOND));
});

Deno.test("a question that is asked anew elsewhere is the same emission still", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  const SERVFAIL = 0x8182;
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respond(bytes, { flags: SERVFAIL })));
  bench.ask("a.test");
  await bench.clock.advance(2000);
  bench.reload(FLOOR.replace(FIRST, SECOND), HEAD);
  await bench.clock.advance(28_500);
  const before = bench.sent.length;
  bench.ask("a.test");
  await bench.settle();
  assert.equal(bench.sent.length, before + 1, "its floor began with its first question");
});

Deno.test("sockets of ways that are no longer used are given back", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  const sockets = bench.network.open.size;
  for (let i = 0; i < 10; i++) {
    bench.reload(i % 2 === 0 ? OTHER : ONE, HEAD);
    await bench.settle();
  }
  assert.equal(bench.network.open.size, sockets);
});

Deno.test("a rule that moves to another upstream takes its question there", async () => {
  const named = (upstream: string) =>
    `types = ["A"]\n[[rule]]\nname = "a.test"\nupstream = "${upstream}"`;
  const two =
    `[[upstream]]\nname = "one"\naddress = "${FIRST}"\n[[upstream]]\nname = "two"\naddress = "${SECOND}"\n`;
  const bench = new Bench(two, 1, named("one"));
  bench.network.onUdp(SECOND, answering("192.0.2.2"));
  const asked = bench.ask("a.test");
  await bench.settle();
  bench.reload(two, named("two"));
  await bench.settle();
  assert.equal(word(asked), "192.0.2.2");
  assert.deepEqual(bench.destinations, [FIRST, SECOND]);
});

Deno.test("what is kept is judged anew, both ways", async () => {
  const rule = (more: string) => `types = ["A"]\n[[rule]]\nname = "a.test"\n${more}`;
  const bench = new Bench(FLOOR, 1, rule("private = true"));
  bench.network.onUdp(FIRST, answering("10.0.0.1"));
  bench.ask("a.test");
  await bench.settle();
  assert.equal(word(bench.ask("a.test")), "10.0.0.1");
  bench.reload(FLOOR, rule(""));
  assert.equal(word(bench.ask("a.test")), "NODATA");
  bench.reload(FLOOR, rule('private = true\nwithin = ["10.0.0.0/24"]'));
  assert.equal(word(bench.ask("a.test")), "10.0.0.1");
  bench.reload(FLOOR, rule('private = true\nwithin = ["10.0.1.0/24"]'));
  assert.equal(word(bench.ask("a.test")), "NODATA");
});

Deno.test("who waits is judged by the new policy as well: by its clients, its rule and its answers", async () => {
  const rule = (more: string) =>
    `types = ["A"]\n[[rule]]\nname = "a.test"\nprivate = true\n${more}`;
  const bench = new Bench(FLOOR, 1, rule(""));
  const served = new Served(bench);
  const held: (() => void)[] = [];
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    held.push(() => reply(respondA(bytes, "10.0.0.1")));
  });
  const [one, other] = [served.ask("a.test"), served.ask("a.test", 1, "127.0.0.2")];
  await bench.settle();
  served.reload(`${FLOOR}[listen]\nclients = ["127.0.0.1"]\n`, rule('within = ["10.0.1.0/24"]'));
  held.forEach((answer) => answer());
  await bench.settle();
  assert.deepEqual([tell(one), tell(other)], ["NOERROR EDE 17", "nothing"]);
});

Deno.test("an answer that comes in the same breath as the reload is judged by the new policy", async () => {
  const rule = (more: string) => `types = ["A"]\n[[rule]]\nname = "a.test"\n${more}`;
  const bench = new Bench(FLOOR, 1, rule("private = true"));
  const served = new Served(bench);
  bench.network.onUdp(FIRST, answering("10.0.0.1"));
  // Whoever asked first hears first: the reload falls between the answer and this client's reply.
  const question = { name: "a.test", type: 1 };
  const early = bench.resolver.resolve(question, bench.policy.rules.rules[0]!, "127.0.0.1", 0);
  void (early as Promise<unknown>).then(() => served.reload(FLOOR, rule("")));
  const heard = served.ask("a.test");
  await bench.settle();
  assert.equal(tell(heard), "NOERROR EDE 17");
});

Deno.test("a name goes from a wildcard to a rule of its own and back, with all that is known of it", async () => {
  const bench = new Bench(FLOOR, 1, 'types = ["A"]\nallow = ["*.test"]');
  bench.network.onUdp(FIRST, answering());
  bench.ask("a.test");
  await bench.settle();
  for (const allow of ["a.test", "**.test", "*.test", "a.test"]) {
    bench.reload(FLOOR, `types = ["A"]\nallow = ["${allow}"]`);
    assert.equal(word(bench.ask("a.test")), "192.0.2.1", allow);
  }
  assert.deepEqual(questions(bench), ["a.test A"]);
});

Deno.test("what wildcards have used of their budget counts after a reload, and a lower one holds at once", async () => {
  const budget = (n: number) => `${ONE}[budget]\nwildcards_per_hour = ${n}\n`;
  const bench = new Bench(budget(8), 1, 'types = ["A"]\nallow = ["*.test"]');
  bench.network.onUdp(FIRST, answering());
  for (let i = 0; i < 4; i++) bench.ask(`n${i}.test`);
  await bench.settle();
  bench.reload(budget(4), 'types = ["A"]\nallow = ["*.test"]');
  assert.equal(word(bench.ask("n5.test")), "budget");
  assert.equal(word(bench.ask("n1.test")), "192.0.2.1");
  bench.reload(budget(8), 'types = ["A"]\nallow = ["*.test"]');
  const more = bench.ask("n5.test");
  await bench.settle();
  assert.equal(word(more), "192.0.2.1");
});

Deno.test("hermetic pairs are refreshed on through reloads, and no more once their rule is forward", async () => {
  const hermetic = `mode = "hermetic"\n${HEAD}`;
  const bench = new Bench(FLOOR, 1, hermetic);
  bench.network.onUdp(FIRST, answering("192.0.2.1", 60));
  bench.resolver.begin();
  await bench.clock.advance(30_000);
  assert.deepEqual(questions(bench), ["a.test A", "b.test A"]);
  for (let i = 0; i < 10; i++) {
    bench.reload(FLOOR, hermetic);
    await bench.clock.advance(100);
  }
  assert.equal(bench.sent.length, 2, "a reload asks for nothing that is known");
  await bench.clock.advance(60_000);
  assert.deepEqual(questions(bench).slice(2).sort(), ["a.test A", "b.test A"]);
  bench.reload(FLOOR, HEAD);
  await bench.clock.advance(600_000);
  assert.equal(bench.sent.length, 4);
  bench.reload(FLOOR, hermetic);
  await bench.clock.advance(1000);
  assert.equal(bench.sent.length, 6, "what is too old is asked for when it is hermetic again");
});

Deno.test("who waits for a hermetic pair gets its answer when the rule is forward before its turn comes", async () => {
  const names = Array.from({ length: 60 }, (_, i) => `n${i}.test`);
  const list = `types = ["A"]\nallow = ${JSON.stringify(names)}`;
  const toml = `${ONE}[hermetic]\nrate = 20\n[query]\ntick = "50ms"\n[cache]\nmin_ttl = "1m"\n`;
  const bench = new Bench(toml, 1, `mode = "hermetic"\n${list}`);
  bench.network.onUdp(FIRST, answering());
  bench.resolver.begin();
  const asked = bench.ask("n40.test");
  bench.reload(toml, list);
  await bench.clock.advance(200);
  assert.equal(word(asked), "192.0.2.1");
});

Deno.test("many reloads while hermetic pairs are first asked for do not use up their rate", async () => {
  const names = Array.from({ length: 60 }, (_, i) => `n${i}.test`);
  const head = `types = ["A"]\nmode = "hermetic"\nallow = ${JSON.stringify(names)}`;
  const toml = `${ONE}[hermetic]\nrate = 20\n[cache]\nmin_ttl = "1m"\n`;
  const bench = new Bench(toml, 1, head);
  bench.network.onUdp(FIRST, answering("192.0.2.1", 600));
  bench.resolver.begin();
  for (let i = 0; i < 100; i++) {
    await bench.clock.advance(10);
    bench.reload(toml, head);
  }
  await bench.clock.advance(3000);
  assert.deepEqual(questions(bench).sort(), names.map((name) => `${name} A`).sort());
});

Deno.test("places of questions that are called off are free again", async () => {
  const toml = (address: string) =>
    `[[upstream]]\naddress = "${address}"\n[query]\nin_flight = 1\n`;
  const bench = new Bench(toml(FIRST), 1, HEAD);
  bench.ask("a.test");
  await bench.settle();
  for (let i = 0; i < 5; i++) {
    bench.reload(toml(i % 2 === 0 ? SECOND : FIRST), HEAD);
    await bench.settle();
  }
  bench.reload(toml(SECOND), 'types = ["A"]\nallow = ["b.test"]');
  bench.network.onUdp(SECOND, answering("192.0.2.2"));
  const asked = bench.ask("b.test");
  await bench.settle();
  assert.equal(word(asked), "192.0.2.2");
});

Deno.test("where sockets cannot be had, nothing has changed", async () => {
  const bench = new Bench(FLOOR, 1, HEAD);
  bench.network.onUdp(FIRST, answering());
  const asked = bench.ask("a.test");
  const { bindUdp } = bench.network;
  bench.network.bindUdp = () => {
    throw new Error("Too many open files");
  };
  assert.throws(() => bench.reload(OTHER, HEAD), /Too many open files/);
  bench.network.bindUdp = bindUdp;
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
  assert.deepEqual(bench.destinations, [FIRST]);
});

Deno.test("a reload takes no new memory for the name of each slot that it keeps", async () => {
  const policy = `${ONE}[query]\nin_flight = 1000\n[cache]\nmin_ttl = "30s"\n`;
  const head = (list: readonly string[]) =>
    `types = ["A"]\nallow = ${JSON.stringify(["*.wild.test", ...list])}`;
  const reloadWith = async (count: number): Promise<number> => {
    const list = Array.from({ length: count }, (_, i) => `n${i}.test`);
    const bench = new Bench(policy, 1, head(list));
    bench.network.onUdp(FIRST, answering());
    for (let i = 0; i < count; i++) {
      bench.ask(`n${i}.test`);
      bench.ask(`n${i}.wild.test`);
    }
    for (let i = 0; i < 50; i++) await bench.settle();
    const { of } = WireName;
    let made = 0;
    WireName.of = (text) => {
      made++;
      return of.call(WireName, text);
    };
    try {
      bench.reload(policy, head(list));
    } finally {
      WireName.of = of;
    }
    const kept = list.filter((name, i) =>
      word(bench.ask(name)) === "192.0.2.1" && word(bench.ask(`n${i}.wild.test`)) === "192.0.2.1"
    );
    assert.equal(kept.length, count);
    return made;
  };
  assert.equal(await reloadWith(40), await reloadWith(2));
});
