/** The arithmetic, the tables and the plots of `deno task bench`, from recorded samples. */

import assert from "node:assert/strict";
import { judgeBars } from "../../scripts/bench/bars.ts";
import { formatBars, formatOutcome } from "../../scripts/bench/document.ts";
import { driveArgs, findFault, parseLoad } from "../../scripts/bench/dnsperf.ts";
import { METRICS, type Outcome, type Workload } from "../../scripts/bench/outcome.ts";
import { barPlot, pointPlot } from "../../scripts/bench/plot.ts";
import { parseCpu, parseMemory } from "../../scripts/bench/process.ts";
import {
  percentile,
  ratioOf,
  type Sample,
  spreadFor,
  spreadOf,
} from "../../scripts/bench/stats.ts";
import { replyTo } from "../../scripts/bench/upstream_reply.ts";
import { decodeReply } from "../support/decode.ts";
import { opt, query } from "../support/packets.ts";

Deno.test("a median lies in the middle, of an even number of values between two", () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  assert.deepEqual(spreadOf([10, 1, 2, 3]), { median: 2.5, min: 1, max: 10 });
  assert.throws(() => spreadOf([]), RangeError);
});

Deno.test("a percentile is the value that this share does not exceed", () => {
  const sorted = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
  const shares = [0, 0.5, 0.99, 0.999, 0.9991, 1];
  assert.deepEqual(shares.map((share) => percentile(sorted, share)), [
    1,
    500,
    990,
    999,
    1000,
    1000,
  ]);
  assert.equal(percentile([7], 0.5), 7);
  assert.throws(() => percentile([], 0.5), RangeError);
});

function sample(server: string, round: number, rate: number): Sample {
  return { server, round, values: { rate } };
}

const SAMPLES = [
  sample("Deno echo", 0, 100),
  sample("fw-dns", 0, 90),
  sample("dnsmasq", 0, 60),
  // The whole machine is slower in this round.
  sample("Deno echo", 1, 10),
  sample("fw-dns", 1, 8),
  sample("Deno echo", 2, 50),
  sample("fw-dns", 2, 50),
];

Deno.test("ratios are taken within a round, and only of rounds that both have", () => {
  assert.deepEqual(ratioOf(SAMPLES, "fw-dns", "Deno echo", "rate"), {
    median: 0.9,
    min: 0.8,
    max: 1,
  });
  assert.deepEqual(ratioOf(SAMPLES, "fw-dns", "dnsmasq", "rate"), {
    median: 1.5,
    min: 1.5,
    max: 1.5,
  });
  assert.equal(ratioOf(SAMPLES, "fw-dns", "Unbound", "rate"), undefined);
  assert.equal(spreadFor(SAMPLES, "fw-dns", "cpu"), undefined);
});

const WORKLOAD: Workload = {
  id: "hits",
  title: "Hits",
  about: "About hits.",
  metrics: [METRICS.rate],
  ours: ["fw-dns"],
  run: () => Promise.reject(new Error("not here")),
};

const OUTCOME: Outcome = {
  workload: WORKLOAD,
  servers: ["Deno echo", "fw-dns", "dnsmasq", "dnsdist"],
  samples: SAMPLES,
  absences: [{ server: "dnsdist", why: "no answer in 90 s" }],
};

Deno.test("a table has medians, bounds and ratios, and says who is not in it", () => {
  assert.equal(
    formatOutcome(OUTCOME, { plots: ["hits"] }),
    `## Hits

About hits.

|  | queries/s | fw-dns ÷ it, queries/s |
| --- | ---: | ---: |
| Deno echo | 50 (10 – 100) | 0.90 (0.80 – 1.00) |
| **fw-dns** | 50 (8 – 90) |  |
| dnsmasq | 60 | 1.50 |

![Hits](benchmarks/hits.svg)

- Without dnsdist: no answer in 90 s
`,
  );
  const skipped = { ...OUTCOME, skipped: "It cannot." };
  assert.match(
    formatOutcome(skipped, { plots: [] }),
    /^## Hits\n\nAbout hits\.\n\nNot measured\. /,
  );
});

Deno.test("bars are judged by medians, and a missed one is said", () => {
  const bar = { workload: "hits", words: "hits", server: "fw-dns", metric: "rate" };
  const bars = [
    { ...bar, against: "Deno echo", atLeast: 0.9 },
    { ...bar, against: "Deno echo", atLeast: 0.91 },
    { ...bar, against: "everyone", atLeast: 1.5 },
    { ...bar, atMost: 50 },
    { ...bar, workload: "latency", atMost: 1 },
    { ...bar, against: "Unbound", atLeast: 1 },
  ];
  const verdicts = judgeBars([OUTCOME], bars);
  assert.deepEqual(verdicts.map(({ measured, isMet }) => [measured, isMet]), [
    [0.9, true],
    [0.9, false],
    [1.5, true],
    [50, true],
  ]);
  const text = formatBars(verdicts);
  assert.match(text, /\n1 of 4 were not reached in this run\.\n/);
  assert.match(text, /\| hits \| at least 0\.91 \| 0\.90 \| \*\*no\*\* \|/);
});

const DNSPERF = `Statistics:

  Queries sent:         117771
  Queries completed:    117701 (99.94%)
  Queries lost:         70 (0.06%)

  Response codes:       NOERROR 58850 (50.00%), REFUSED 58851 (50.00%)
  Average packet size:  request 35, response 35
  Run time (s):         2.001025
  Queries per second:   58855.336640

  Average Latency (s):  0.001613 (min 0.000124, max 0.042095)
  Latency StdDev (s):   0.002129
`;

Deno.test("what dnsperf prints is read, and replies of the wrong kind do not count", () => {
  const load = parseLoad(DNSPERF);
  assert.deepEqual(load, {
    sent: 117_771,
    completed: 117_701,
    rate: 58_855.33664,
    rcodes: { NOERROR: 58_850, REFUSED: 58_851 },
  });
  assert.equal(findFault(load, { NOERROR: 0.5, REFUSED: 0.5 }), undefined);
  assert.match(findFault(load, { NOERROR: 1 })!, /^it answered/);
  assert.match(findFault({ ...load, completed: 100_000 }, {})!, /^of 117771 queries 100000 were/);
  assert.throws(() => parseLoad("Queries sent: 1\n"), /dnsperf did not say/);
});

Deno.test("dnsperf is told how long, or how often", () => {
  const drive = { port: 53, queries: "q" };
  assert.match(driveArgs({ ...drive, end: { seconds: 2 } }).join(" "), /-d q -c 4 -l 2 -q 100$/);
  const times = driveArgs({ ...drive, end: { times: 1 }, isTcp: true }).join(" ");
  assert.match(times, /-n 1 -q 100 -m tcp$/);
});

Deno.test("CPU time and memory are read as Linux writes them", () => {
  const stat = "42 (a) b) c) S 1 42 42 0 -1 4194560 9 9 0 0 150 50 20 5 20 0 4 0 100 1 2 3";
  assert.equal(parseCpu(stat), 2.25);
  const status = "Name:\tfw-dns\nVmHWM:\t   70000 kB\nVmRSS:\t   50000 kB\n";
  assert.deepEqual([parseMemory(status, "VmRSS"), parseMemory(status, "VmHWM")], [51.2, 71.68]);
  assert.equal(parseMemory("Name:\tgone\n", "VmRSS"), undefined);
});

/** Whether every element that is opened is closed, in order. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name, empty] of svg.matchAll(/<(\/?)([a-z]+)(?:[^<>]*?)(\/?)>/gi)) {
    if (close === "/") {
      if (open.pop() !== name) return false;
    } else if (empty !== "/") open.push(name!);
  }
  const words = svg.replaceAll(/<[^<>]*>/g, "");
  return open.length === 0 && !/[<>]/.test(words) && !/&(?!amp;|lt;|gt;|quot;)/.test(words);
}

Deno.test("plots are well-formed, whatever a server is called, and know light and dark", () => {
  const spread = { median: 0.5, min: 0.2, max: 1.5 };
  const bars = barPlot("a <b> & c", [
    { label: 'the "one" & only', spread, isOurs: true },
    { label: "zero", spread: { median: 0, min: 0, max: 0 }, isOurs: false },
  ], "the echo");
  const points = pointPlot("p50, p99", "ms", [
    {
      label: "<x>",
      isOurs: false,
      points: [{ mark: "p50", value: 0 }, { mark: "p99", value: 20.5 }],
    },
  ]);
  for (const svg of [bars, points]) {
    assert.ok(isWellFormed(svg), svg);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    assert.match(svg, /prefers-color-scheme: dark/);
  }
  assert.ok(!isWellFormed(bars.replace("</title>", "")));
});

Deno.test("the benchmark's upstream has an address for every name, and nothing else", () => {
  const asked = query({ name: "n7.listed.example.com" });
  const withOpt = query({ name: "n7.listed.example.com", rest: opt() });
  const reply = decodeReply(replyTo(withOpt, 5)!);
  assert.deepEqual([reply.rcode, reply.answers], ["NOERROR", ["192.0.2.1"]]);
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 192, 0, 2, 1];
  assert.deepEqual([...replyTo(asked, 5)!.subarray(asked.length)], record);
  const other = query({ type: 28 });
  const nodata = replyTo(other, 5)!;
  const { rcode, answers, authority } = decodeReply(nodata);
  assert.deepEqual([rcode, answers, authority], ["NOERROR", [], ["SOA"]]);
  const soa = [0, 0, 6, 0, 1, 0, 0, 0, 5, 0, 22];
  assert.deepEqual([...nodata.subarray(other.length, other.length + soa.length)], soa);
  assert.equal(replyTo(asked.subarray(0, 20), 5), undefined);
});
