import assert from "node:assert/strict";
import fc from "fast-check";
import { asked as toAsk, decide, MOST_LEARNED } from "../../src/policy/mod.ts";
import { LearnAllowance } from "../../src/resolve/learned.ts";
import { Bench, FIRST, word } from "../support/fake_resolver.ts";
import { lastTwoLabels, policyFrom } from "../support/policies.ts";
import { questionIn } from "../support/scripted_upstream.ts";
import { Served, tell } from "../support/served.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What leaves late is not to fall into the next window. */
const LATE = 1000;
const UPSTREAM = `[[upstream]]\naddress = "${FIRST}"\n`;

function learning(more = "", until = "2026-07-01T00:00:00Z"): string {
  return `${UPSTREAM}[learn]\nuntil = ${until}\n${more}\n`;
}

/** A resolver that learns, and an upstream that answers for 60 s. */
function withLearning(toml = learning(), head = ""): Bench {
  const bench = new Bench(toml, 1, head);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 60)));
  return bench;
}

/** Asks, each time as another client where none is named, and waits for the end. */
async function ask(bench: Bench, name: string, type = 1, client?: string): Promise<string> {
  const { sent } = bench;
  const asked = bench.ask(name, type, client ?? `10.0.${sent.length >> 8}.${sent.length & 255}`);
  await bench.settle();
  return word(asked);
}

Deno.test("a domain has so many new names in any 24 hours, and the next one has its own", async () => {
  const bench = withLearning(learning("names_per_domain_per_day = 3"));
  const names = ["example.com", "a.example.com", "b.a.example.com", "c.example.com"];
  const words = [];
  for (const name of [...names, "d.example.net"]) words.push(await ask(bench, name));
  assert.deepEqual(words, ["192.0.2.1", "192.0.2.1", "192.0.2.1", "budget", "192.0.2.1"]);
  await bench.clock.advance(DAY - HOUR);
  assert.equal(await ask(bench, "c.example.com"), "budget");
  await bench.clock.advance(HOUR + LATE);
  assert.equal(await ask(bench, "c.example.com"), "192.0.2.1");
});

Deno.test("one that was denied has cost nothing, and a name that is known is not new", async () => {
  const bench = withLearning(learning("names_per_domain_per_day = 2\nnames_per_day = 4"));
  assert.equal(await ask(bench, "a.example.com"), "192.0.2.1");
  assert.equal(await ask(bench, "b.example.com"), "192.0.2.1");
  for (let i = 0; i < 10; i++) assert.equal(await ask(bench, `n${i}.example.com`), "budget");
  assert.equal(await ask(bench, "a.example.com", 28), "NODATA");
  await bench.clock.advance(2 * 60_000);
  assert.equal(await ask(bench, "a.example.com"), "192.0.2.1");
  assert.equal(await ask(bench, "c.example.net"), "192.0.2.1");
  assert.equal(await ask(bench, "d.example.net"), "192.0.2.1");
  assert.equal(await ask(bench, "e.example.org"), "budget");
  assert.equal(bench.sent.length, 6);
});

Deno.test("one client has three quarters of the day's names, so that others go on learning", async () => {
  const bench = withLearning(learning("names_per_day = 8"));
  for (let i = 0; i < 6; i++) {
    assert.equal(await ask(bench, `n${i}.example`, 1, "::1"), "192.0.2.1");
  }
  assert.equal(await ask(bench, "n6.example", 1, "127.0.0.9"), "budget");
  assert.equal(await ask(bench, "n7.example", 1, "10.0.0.1"), "192.0.2.1");
});

Deno.test("questions for known names are counted by the hour; beyond that the last answer is served", async () => {
  // 1,000, and three for each new name; one client has three quarters of them.
  const bench = withLearning(learning("names_per_day = 1"));
  assert.equal(await ask(bench, "a.example", 1, "10.0.0.1"), "192.0.2.1");
  const most = Math.ceil(1003 * 3 / 4);
  const cache = '[cache]\nmin_ttl = "1s"\nmax_ttl = "1s"\n';
  bench.reload(learning("names_per_day = 1") + cache, "");
  for (let i = 0; i < most + 20; i++) {
    await bench.clock.advance(1001);
    assert.equal(await ask(bench, "a.example", 1, "10.0.0.1"), "192.0.2.1");
  }
  assert.ok(Math.abs(bench.sent.length - most) < 3, `${bench.sent.length} of ${most}`);
});

Deno.test("exact names and wildcards cost nothing of what may be learned, nor that of them", async () => {
  const head = 'allow = ["exact.example.com", "*.wild.example.com"]';
  const bench = withLearning(learning("names_per_day = 0"), head);
  assert.equal(await ask(bench, "exact.example.com"), "192.0.2.1");
  assert.equal(await ask(bench, "a.wild.example.com"), "192.0.2.1");
  assert.equal(await ask(bench, "new.example.com"), "budget");
  const other = withLearning(`${learning()}[budget]\nwildcards_per_hour = 0\n`, head);
  assert.equal(await ask(other, "a.wild.example.com"), "budget");
  assert.equal(await ask(other, "new.example.com"), "192.0.2.1");
});

Deno.test("learned names whose zone is silent keep no place from listed ones", async () => {
  const toml = `${learning("names_per_domain_per_day = 100")}[query]\nin_flight = 4\n`;
  const bench = withLearning(toml, 'allow = ["exact.example.com", "*.wild.example.com"]');
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    if (!questionIn(bytes).includes("tarpit")) reply(respondA(bytes));
  });
  for (let i = 0; i < 20; i++) bench.ask(`t${i}.tarpit.com`, 1, `10.0.0.${i}`);
  await bench.settle();
  assert.equal(await ask(bench, "exact.example.com"), "192.0.2.1");
  assert.equal(await ask(bench, "a.wild.example.com"), "192.0.2.1");
});

Deno.test("what the log says of a learned name: no rule, reason unlisted, and budget beyond the caps", async () => {
  const bench = withLearning(learning("names_per_domain_per_day = 1"));
  const served = new Served(bench);
  const heard = served.ask("a.example.com");
  await bench.settle();
  assert.equal(tell(heard), "NOERROR 192.0.2.1");
  served.ask("a.example.com");
  served.ask("b.example.com");
  served.ask("a.example.com", 16);
  const told = bench.recorder.queries.map(({ verdict, reason, rule }) => [verdict, reason, rule]);
  assert.deepEqual(told, [
    ["forward", "unlisted", undefined],
    ["serve", "unlisted", undefined],
    ["drop", "budget", undefined],
    ["drop", "unlisted", undefined],
  ]);
});

Deno.test("a learned name that no upstream answers, or whose answer may not pass, has no rule in the log either", async () => {
  const bench = withLearning();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    const isBad = questionIn(bytes).startsWith("bad");
    reply(isBad ? respond(bytes, { rcode: 2 }) : respondA(bytes, "10.0.0.1"));
  });
  const served = new Served(bench);
  served.ask("bad.example.com");
  served.ask("inside.example.com");
  await bench.clock.advance(5000);
  const told = bench.recorder.queries.map(({ verdict, reason, rule }) => [verdict, reason, rule]);
  assert.deepEqual(told.sort(), [
    ["nodata", "filtered", undefined],
    ["servfail", "upstream", undefined],
  ]);
});

Deno.test("that the caps are reached is told at once, and names the keys", async () => {
  const bench = withLearning(learning("names_per_day = 0"));
  await ask(bench, "a.example.com");
  const events = JSON.stringify(bench.recorder.events);
  assert.match(events, /over what \[learn\] lets through.*names_per_domain_per_day/);
});

Deno.test("what has left counts through reloads, learning taken out and put back, and other caps", async () => {
  const bench = withLearning(learning("names_per_day = 4\nnames_per_domain_per_day = 2"));
  assert.equal(await ask(bench, "a.example.com"), "192.0.2.1");
  assert.equal(await ask(bench, "b.example.com"), "192.0.2.1");
  bench.reload(UPSTREAM, 'allow = ["b.example.com"]');
  assert.equal(word(bench.ask("b.example.com")), "192.0.2.1");
  bench.reload(learning("names_per_day = 4\nnames_per_domain_per_day = 2"), "");
  assert.equal(await ask(bench, "c.example.com"), "budget");
  assert.equal(await ask(bench, "d.example.net"), "192.0.2.1");
  bench.reload(learning("names_per_day = 9\nnames_per_domain_per_day = 3"), "");
  assert.equal(await ask(bench, "c.example.com"), "192.0.2.1");
  bench.reload(learning("names_per_day = 4\nnames_per_domain_per_day = 3"), "");
  assert.equal(await ask(bench, "e.example.org"), "budget");
});

Deno.test("when learning is taken out, what is under way for a name that nobody lists has no answer", async () => {
  const bench = withLearning();
  bench.network.onUdp(FIRST, () => {});
  const asked = bench.ask("a.example.com");
  await bench.settle();
  bench.reload(UPSTREAM, 'allow = ["b.example.com"]');
  await bench.settle();
  assert.equal(word(asked), "upstream");
  await bench.clock.advance(HOUR);
  assert.equal(bench.sent.length, 1);
});

Deno.test("names of which it is known that they left are bounded: the one that left longest ago is new again", () => {
  const allowance = new LearnAllowance();
  const caps = `names_per_day = ${MOST_LEARNED}\nnames_per_domain_per_day = ${MOST_LEARNED}`;
  allowance.limit(policyFrom(learning(caps)).learn);
  const clients = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const take = (name: string, i: number, time: number): boolean =>
    allowance.take({ name, type: 1 }, clients(i), time);
  for (let i = 0; i < MOST_LEARNED; i++) assert.ok(take(`n${i}.example`, i, i));
  assert.equal(take("one-more.example", 70_000, MOST_LEARNED), false);
  assert.ok(take("n0.example", 70_000, MOST_LEARNED));
  // A day later there is room for another one, which takes the place of n1.
  assert.ok(take("one-more.example", 70_000, DAY + 2 * LATE));
  allowance.limit(policyFrom(learning("names_per_day = 0")).learn);
  allowance.limit({ ...policyFrom(learning(caps)).learn!, domainOf: () => undefined });
  assert.deepEqual(
    ["n0.example", "n1.example", "n2.example", "one-more.example"]
      .map((name) => take(name, 70_001, DAY + 2 * LATE)),
    [true, false, true, true],
  );
});

/** One thing that happens to a resolver that learns. */
type Step =
  | { readonly what: "ask"; readonly name: string; readonly type: number; readonly client: number }
  | { readonly what: "wait"; readonly ms: number }
  | { readonly what: "reload"; readonly which: number };

const UNTIL = "2026-06-03T12:00:00Z";
const [DOMAIN_CAP, CAP] = [3, 10];

/** Other caps, none above those; other ticks, so that all leaves by new ways; and no learning at all. */
const POLICIES: readonly (readonly [toml: string, head: string])[] = [
  [learning(`names_per_day = ${CAP}\nnames_per_domain_per_day = ${DOMAIN_CAP}`, UNTIL), ""],
  [learning("names_per_day = 5\nnames_per_domain_per_day = 2", UNTIL), ""],
  [`${learning("names_per_day = 0", UNTIL)}[query]\ntick = "20ms"\n`, ""],
  [UPSTREAM, ""],
];

const NAMES = fc.tuple(fc.nat(9), fc.nat(4)).map(([host, domain]) => `h${host}.d${domain}.com`);

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant("ask" as const),
      name: NAMES,
      type: fc.constantFrom(1, 28, 16),
      client: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("wait" as const),
      ms: fc.oneof(fc.nat(5000), fc.nat(8 * HOUR)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("reload" as const),
      which: fc.nat(POLICIES.length - 1),
    }),
  },
);

/** A question as it left, and when. */
interface Left {
  readonly name: string;
  readonly at: number;
}

/** Lives through steps, with an upstream that is silent to a fifth of the names. */
async function live(steps: readonly Step[]): Promise<Left[]> {
  const bench = withLearning(...POLICIES[0]!);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    if (bytes[12] === 0 || !questionIn(bytes).startsWith("h1")) reply(respondA(bytes));
  });
  const left: Left[] = [];
  bench.network.onSent = ({ bytes }) => {
    if (bytes[12] === 0) return;
    left.push({ name: questionIn(bytes).split(" ")[0]!, at: bench.clock.monotonic() });
  };
  for (const step of steps) {
    if (step.what === "wait") await bench.clock.advance(step.ms);
    else if (step.what === "reload") bench.reload(...POLICIES[step.which]!);
    else {
      const { name, type, client } = step;
      const decision = decide(bench.policy, toAsk({ name, type }), bench.clock.now());
      if (decision.kind === "allow") bench.ask(name, type, `10.0.0.${client}`);
    }
  }
  await bench.clock.advance(10_000);
  return left;
}

Deno.test("whatever clients ask, no 24 hours see more new names than the caps, and nothing leaves after the end", async () => {
  const end = Date.parse(UNTIL) - Date.parse("2026-06-01T00:00:00Z");
  let most = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 20, maxLength: 120 }), async (steps) => {
      const left = await live(steps);
      const first = left.filter(({ name }, i) => left.findIndex((one) => one.name === name) === i);
      for (const { at: start } of first) {
        const within = first.filter(({ at }) => at >= start && at < start + DAY);
        assert.ok(within.length <= CAP, `${within.length} new names in a day`);
        most = Math.max(most, within.length);
        for (const domain of new Set(within.map(({ name }) => lastTwoLabels(name)))) {
          const own = within.filter(({ name }) => lastTwoLabels(name) === domain);
          assert.ok(own.length <= DOMAIN_CAP, `${own.length} new names of ${domain} in a day`);
        }
      }
      for (const { name, at } of left) {
        assert.ok(at < end, `${name} left ${at - end} ms after the end`);
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(most >= CAP * 3 / 4, `${most}: the caps were never reached`);
});

Deno.test("up to the end questions leave, and their further tries; from the end on nothing does, whatever is under way", async () => {
  const bench = withLearning(learning("", "2026-06-01T00:00:10Z"));
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    if (bytes[12] === 0) reply(respondA(bytes));
  });
  const times: number[] = [];
  bench.network.onSent = ({ bytes }) => {
    if (bytes[12] !== 0) times.push(bench.clock.monotonic());
  };
  for (let i = 0; bench.clock.now() < Date.parse("2026-06-01T00:00:10Z"); i++) {
    bench.ask(`n${i}.d${i % 30}.com`, 1, `10.0.0.${i % 5}`);
    await bench.clock.advance(97);
  }
  await bench.clock.advance(HOUR);
  assert.ok(times.length > 300 && times.some((at) => at > 9900), `${times.length}`);
  assert.deepEqual(times.filter((at) => at >= 10_000), []);
});
