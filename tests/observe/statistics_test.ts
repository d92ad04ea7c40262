import assert from "node:assert/strict";
import { MINUTES } from "../../src/observe/history.ts";
import { KeptStatistics, Log, Watch } from "../../src/observe/mod.ts";
import { KEPT, TAKEN } from "../../src/observe/recent.ts";
import type { QueryEvent, Reason, Verdict } from "../../src/observe/event.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { Paper } from "../support/paper.ts";
import { question } from "../support/questions.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const CLIENT = "10.0.0.7";

class Desk {
  readonly clock = new FakeClock();
  readonly paper = new Paper();
  readonly log = new Log({ format: "text", queries: "denied" }, this.clock, this.paper);
  readonly statistics = new KeptStatistics({
    clock: this.clock,
    random: new SeededRandom(1),
    report: (alarm) => this.log.report(alarm),
  });
  readonly watch = new Watch(this.log, this.statistics);
  readonly started = this.clock.now();

  constructor() {
    this.statistics.begin();
  }

  /** As the handler does. */
  ask(verdict: Verdict, reason: Reason, name = "a.example", type = "A", ms?: number): void {
    const number = { A: 1, TXT: 16, HTTPS: 65, TYPE999: 999 }[type];
    const asked = number === undefined ? undefined : question(name, number);
    if (!this.watch.wantsQuery(verdict, reason, CLIENT, asked, ms)) return;
    const event: QueryEvent = { event: "query", client: CLIENT, name, type, verdict, reason };
    this.watch.report(event);
  }
}

Deno.test("queries are counted by type, and what no list has as one", () => {
  const desk = new Desk();
  for (const type of ["A", "A", "TXT", "HTTPS", "TYPE999", "none"]) {
    desk.ask("drop", "unlisted", "a.example", type);
  }
  const counts = Object.fromEntries(desk.statistics.snapshot().queries);
  assert.deepEqual(counts, { A: 2, TXT: 1, HTTPS: 1, other: 2 });
});

Deno.test("responses are counted by verdict and reason", () => {
  const desk = new Desk();
  const kinds = [["drop", "unlisted"], ["serve", "listed"], ["drop", "client"]] as const;
  for (let i = 0; i < 4; i++) kinds.forEach(([verdict, reason]) => desk.ask(verdict, reason));
  desk.ask("drop", "unlisted");
  assert.deepEqual(desk.statistics.snapshot().responses, [
    { verdict: "drop", reason: "unlisted", count: 5 },
    { verdict: "drop", reason: "client", count: 4 },
    { verdict: "serve", reason: "listed", count: 4 },
  ]);
});

Deno.test("replies are in the bucket of their time and all that follow, and what had none in no bucket", () => {
  const desk = new Desk();
  for (const ms of [0, 1, 2, 30, 9000]) desk.ask("forward", "listed", "a.example", "A", ms);
  desk.ask("drop", "unlisted");
  const { buckets, count, sum } = desk.statistics.snapshot().durations;
  assert.deepEqual([count, sum], [5, 9.033]);
  const at = (seconds: number): number | undefined =>
    buckets.find((one) => one.seconds === seconds)?.count;
  assert.deepEqual([0.001, 0.002, 0.025, 0.05, 5].map(at), [2, 3, 3, 4, 4]);
});

Deno.test("the history has a day of minutes, the oldest first, and the one that goes on last", async () => {
  const desk = new Desk();
  desk.ask("serve", "listed");
  await desk.clock.advance(60_000);
  desk.ask("drop", "unlisted");
  desk.ask("drop", "client");
  const minute = { time: desk.started, counts: { serve: 1 } };
  assert.deepEqual(desk.statistics.snapshot().history, [
    minute,
    { time: desk.started + 60_000, counts: { drop: 2 } },
  ]);
  await desk.clock.advance(60_000 * MINUTES);
  const { history } = desk.statistics.snapshot();
  assert.equal(history.length, MINUTES + 1);
  assert.deepEqual(history[0], { time: desk.started + 60_000, counts: { drop: 2 } });
  assert.deepEqual(history.at(-1)!.counts, {});
  desk.statistics.stop();
  await desk.clock.advance(120_000);
  assert.equal(desk.statistics.snapshot().history.length, MINUTES + 1);
});

Deno.test("the newest decisions are kept, of both kinds, some of each second", async () => {
  const desk = new Desk();
  desk.ask("serve", "listed", "answered.example");
  for (let i = 0; i < 1000; i++) desk.ask("drop", "unlisted", `n${i}.example`);
  assert.equal(desk.statistics.snapshot().decisions.length, 1 + TAKEN);
  for (let second = 0; second < 100; second++) {
    await desk.clock.advance(1000);
    for (let i = 0; i < 100; i++) desk.ask("drop", "unlisted", `s${second}n${i}.example`);
  }
  const { decisions } = desk.statistics.snapshot();
  assert.equal(decisions.length, 1 + KEPT);
  assert.deepEqual(decisions[0]!.query.name, "s99n9.example");
  assert.equal(decisions.at(-1)!.query.name, "answered.example");
  const times = decisions.map(({ time }) => time);
  assert.deepEqual(times, [...times].sort((a, b) => b - a));
});

Deno.test("the log has what it wants, whatever the statistics want", async () => {
  const desk = new Desk();
  desk.ask("serve", "listed", "answered.example");
  for (let i = 0; i < 60; i++) desk.ask("drop", "unlisted", `n${i}.example`);
  await desk.clock.advance(1000);
  const { lines } = desk.paper;
  assert.equal(lines.length, 51);
  assert.equal(lines[0], `Drop packet n0.example A from ${CLIENT}, reason unlisted`);
  assert.equal(lines[50], "Left out 10 lines (drop unlisted 10)");
});

Deno.test("blocked are names that no rule lets through, those that are learned with them; not clients, types or listed names", () => {
  const desk = new Desk();
  desk.ask("drop", "unlisted", "a.one.example");
  desk.ask("refuse", "budget", "a.two.example");
  desk.ask("nxdomain", "expired", "a.three.example");
  desk.ask("nodata", "type", "a.four.example");
  desk.ask("serve", "listed", "a.five.example");
  desk.ask("forward", "unlisted", "a.six.example");
  desk.ask("drop", "client", "a.seven.example", "none");
  const { blocked, blockedBytes } = desk.statistics.snapshot();
  const domains = blocked.map(({ domain }) => domain).sort();
  assert.deepEqual(domains, ["one.example", "six.example", "three.example", "two.example"]);
  assert.ok(blockedBytes > 0);
  assert.deepEqual(blocked[0]!.examples, [{ name: `a.${blocked[0]!.domain}`, type: "A" }]);
});

Deno.test("who asks for the root asks below no domain, and adds no name to the one before", () => {
  const desk = new Desk();
  desk.ask("drop", "unlisted", "a.one.example");
  desk.ask("drop", "unlisted", ".");
  const { blocked } = desk.statistics.snapshot();
  assert.deepEqual(blocked.map(({ examples }) => examples), [[{
    name: "a.one.example",
    type: "A",
  }]]);
});
