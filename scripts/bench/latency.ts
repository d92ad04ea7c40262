/** What people feel: answers expire, and the upstream is far away. */

import { type Bench, listedNames } from "./bench.ts";
import { type Outcome, outcomeOf, type Workload } from "./outcome.ts";
import { UNBOUND_PREFETCH } from "./peers.ts";
import type { Product } from "./product.ts";
import { type Server, Stage } from "./stage.ts";

const NAMES = 50;
const RATE = 200;
/** In s. */
const TTL = 5;
/** In ms. */
const DELAY = 20;

/** Several lives of an answer, in s. */
const SECONDS = { full: 60, quick: 12 } as const;

/** For two lives of an answer (s) it is asked and not measured: what is kept fresh is what was asked for before. */
const LEAD = 2 * TTL;

/** A run is long: this many rounds are enough. */
const MOST_ROUNDS = 2;

const HERMETIC = { title: "fw-dns, hermetic", mode: "hermetic" } as const;
const FORWARD = { title: "fw-dns, forward" } as const;

async function run(bench: Bench, workload: Workload): Promise<Outcome> {
  const stage = await Stage.open(bench.room, { names: listedNames(NAMES), ttl: TTL, delay: DELAY });
  const { own, others, effort } = bench;
  const ours = [HERMETIC, FORWARD].map((one) => own.fwDns({ ...one, cache: 'min_ttl = "1s"\n' }));
  const wanted = [
    own.echo,
    ...ours,
    ...others.peers.flatMap((one) => one.title === "Unbound" ? [one, UNBOUND_PREFETCH] : [one]),
    ...others.original,
  ];
  const servers = await stage.standing(wanted);
  const products = servers.map(({ product }) => product);
  const seconds = effort.isQuick ? SECONDS.quick : Math.max(SECONDS.full, effort.seconds);
  const measure = (product: Product) =>
    measureOne(bench, servers.find((one) => one.product === product)!, stage.namesFile, seconds);
  const rounds = effort.isQuick ? 1 : Math.min(MOST_ROUNDS, effort.rounds);
  const samples = await bench.inTurn(workload.id, stage, products, rounds, measure);
  await stage.close();
  return outcomeOf(workload, wanted, stage.absences, samples);
}

async function measureOne(bench: Bench, server: Server, names: string, seconds: number) {
  const heard = await bench.openLoop(server, RATE, seconds, names, LEAD);
  const { sent, replies, rcodes, p50, p99, p999, max, lateness } = heard;
  const isGood = server.product.isEcho || rcodes[0] === replies;
  if (replies < 0.99 * sent || !isGood) {
    throw new Error(`of ${sent} queries ${rcodes[0] ?? 0} got an address`);
  }
  return { p50, p99, p999, max, lateness };
}

/** The workload. */
export const LATENCY: Workload = {
  id: "latency",
  title: "Expiring answers, a slow upstream",
  about:
    `${NAMES} listed names with a TTL of ${TTL} s, an upstream ${DELAY} ms away, ${RATE} queries a second, sent at
fixed times whatever comes back. ${LEAD} s of the same come before and do not count. How late the client sends, in 99.9 %
of its queries, stands in the last column: it reads as late, so differences below that mean nothing.`,
  metrics: [
    { key: "p50", title: "p50, ms", digits: 2, isPercentile: true },
    { key: "p99", title: "p99, ms", digits: 2, isPercentile: true },
    { key: "p999", title: "p99.9, ms", digits: 2, isPercentile: true },
    { key: "max", title: "most, ms", digits: 1 },
    { key: "lateness", title: "client late, ms", digits: 2 },
  ],
  ours: [HERMETIC.title, FORWARD.title],
  run,
};
