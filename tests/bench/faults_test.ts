/** The parts of `deno task reliability:faults` that need no network. */

import assert from "node:assert/strict";
import { type Tally, tally } from "../../scripts/faults/asker.ts";
import { BARS, barsOf, judge } from "../../scripts/faults/bars.ts";
import { formatSection } from "../../scripts/faults/document.ts";
import type { LossRun } from "../../scripts/faults/loss_room.ts";
import { addressAt, nameAt, zoneFile } from "../../scripts/faults/names.ts";
import { fateOf } from "../../scripts/faults/weather.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const PACKETS = 20_000;

function fates(weather: Parameters<typeof fateOf>[0], seed = 1): number[][] {
  const random = new SeededRandom(seed);
  return Array.from({ length: PACKETS }, () => fateOf(weather, random));
}

Deno.test("good weather lets each packet through once, and at once", () => {
  assert.deepEqual([...new Set(fates({}).map(String))], ["0"]);
});

Deno.test("as many packets are lost and doubled as was said, each on its own", () => {
  for (const loss of [0.05, 0.2, 0.5]) {
    const lost = fates({ loss }).filter((times) => times.length === 0).length / PACKETS;
    assert.ok(Math.abs(lost - loss) < 0.01, `${lost}`);
  }
  const doubled = fates({ duplicate: 0.33 }).filter((times) => times.length === 2).length;
  assert.ok(Math.abs(doubled / PACKETS - 0.33) < 0.01, `${doubled}`);
  assert.deepEqual(fates({ loss: 1 }).flat(), []);
});

Deno.test("packets are late by the delay at least and the jitter at most, and overtake each other", () => {
  const times = fates({ delay: 5, jitter: 195 }).flat();
  assert.ok(times.every((time) => time >= 5 && time <= 200));
  assert.ok(Math.max(...times.slice(0, 100)) - Math.min(...times.slice(0, 100)) > 150);
});

Deno.test("the same seed makes the same weather", () => {
  assert.deepEqual(fates({ loss: 0.2 }, 7), fates({ loss: 0.2 }, 7));
  assert.notDeepEqual(fates({ loss: 0.2 }, 7), fates({ loss: 0.2 }, 8));
});

Deno.test("names that are next to each other have different addresses, as the zone says", () => {
  const addresses = Array.from({ length: 700 }, (_, i) => addressAt(i));
  assert.equal(new Set(addresses).size, 700);
  assert.match(zoneFile(5, 60), new RegExp(`^n4 A ${addressAt(4)}$`, "m"));
  assert.equal(nameAt(4), "n4.many.example");
});

Deno.test("a tally counts what was heard, and takes times of answers alone", () => {
  const { p50, max, ...counts } = tally([
    { kind: "answer", ms: 2 },
    { kind: "answer", ms: 4 },
    { kind: "servfail", ms: 4400 },
    { kind: "wrong", ms: 1 },
    undefined,
  ]);
  assert.deepEqual([p50, max], [2, 4]);
  assert.deepEqual(
    { ...counts, p99: undefined },
    { asked: 5, answered: 2, servfail: 1, silent: 1, wrong: 1, p99: undefined },
  );
});

const TALLY: Tally = {
  asked: 10_000,
  answered: 9990,
  servfail: 10,
  silent: 0,
  wrong: 0,
  p50: 1,
  p99: 2,
  max: 3,
};

const RUN: LossRun = {
  kind: "once",
  loss: 0.1,
  delay: 5,
  questions: 10_000,
  names: 10_000,
  rate: 200,
};

Deno.test("a bar is met by its very share, and not by one less", () => {
  const [bar] = BARS;
  assert.equal(judge(bar!, TALLY), true);
  assert.equal(judge(bar!, { ...TALLY, answered: 9989 }), false);
});

Deno.test("bars are for fw-dns in the run with their loss, and tell one upstream from two", () => {
  const all = ["fw-dns, UDP", "fw-dns, UDP, a second upstream that is well", "Unbound, UDP"]
    .map((title) => ({ title, tally: TALLY, stall: 0 }));
  const found = barsOf([[RUN, all], [{ ...RUN, kind: "again" }, all]]);
  assert.deepEqual(
    found.map(({ bar, title }) => [title, bar.share, bar.hasSecond]),
    [[all[0]!.title, 0.999, false], [all[1]!.title, 0.999, true]],
  );
});

Deno.test("a missed bar is seen in the document, and shares are not rounded up", () => {
  const missed = [{ title: "fw-dns, UDP", tally: { ...TALLY, answered: 9989 }, stall: 7 }];
  const text = formatSection([[RUN, missed]], [], { date: "", machine: "", versions: {} });
  assert.match(text, /fw-dns, UDP \| 99\.9 % \| 99\.89 % \| \*\*no\*\*/);
  assert.match(text, /late by 7 ms/);
  const tally = { ...TALLY, asked: 100_000, answered: 99_996 };
  const nearly = [{ title: "fw-dns, UDP", tally, stall: 7 }];
  assert.match(
    formatSection([[RUN, nearly]], [], { date: "", machine: "", versions: {} }),
    /99\.99 % \| yes/,
  );
});
