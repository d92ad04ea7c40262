/** How long a server takes to start and what it holds, with ten names and with a million. */

import { type Bench, listedNames } from "./bench.ts";
import { METRICS, type Outcome, outcomeOf, type Workload } from "./outcome.ts";
import { REFUSING } from "./ordinary.ts";
import { memoryOf } from "./process.ts";
import type { Product } from "./product.ts";
import { type Server, Stage } from "./stage.ts";

const MILLION = 1_000_000;

/** Starts are short, and vary: so many in each round. */
const STARTS = 3;

/** Starts with a million names are not. */
const MOST_ROUNDS = 3;

async function runStart(bench: Bench, workload: Workload): Promise<Outcome> {
  const stage = await bench.ordinary();
  const { own, others, effort } = bench;
  const wanted = [own.echo, own.fwDns(REFUSING), ...others.peers, ...others.original];
  const products = await stage.prepared(wanted);
  // A start that finds its port taken would measure the one that stands there.
  await stage.clear();
  const measure = async (product: Product) => {
    const server = await stage.start(product);
    const { rss, peak } = await memoryOf(server.running.pid);
    await stage.stop(server);
    return { startUp: server.startUp, rss, peak };
  };
  await bench.inTurn(`${workload.id}, warming up`, stage, products, 1, measure);
  const rounds = effort.rounds * STARTS;
  const samples = await bench.inTurn(workload.id, stage, products, rounds, measure);
  return outcomeOf(workload, wanted, stage.absences, samples);
}

async function runMillion(bench: Bench, workload: Workload): Promise<Outcome> {
  const { own, others, room, effort } = bench;
  const ours = own.fwDns(REFUSING);
  const stage = await Stage.open(room, { names: listedNames(MILLION), ttl: 86_400, delay: 0 });
  const wanted = [ours, ...others.peers, ...others.exported, ...others.original];
  const able = wanted.filter(({ notAMillion }) => notAMillion === undefined);
  for (const one of wanted) {
    if (one.notAMillion !== undefined) stage.leaveOut(one, new Error(one.notAMillion));
  }
  try {
    const products = await stage.prepared(able);
    if (!products.includes(ours)) {
      const why = stage.absences.find(({ server }) => server === ours.title)!.why;
      return { workload, servers: [], samples: [], absences: [], skipped: `fw-dns: ${why}` };
    }
    const rounds = Math.min(MOST_ROUNDS, effort.rounds);
    const ten = await (await bench.ordinary()).standing(products);
    const samples = await bench.inTurn(
      workload.id,
      stage,
      products,
      rounds,
      (product) => measureMillion(bench, stage, product, ten),
    );
    return outcomeOf(workload, wanted, stage.absences, samples);
  } finally {
    await stage.close();
  }
}

/** The same ten names are asked for, of a server that knows a million and of one that knows no others. */
async function measureMillion(
  bench: Bench,
  stage: Stage,
  product: Product,
  standing: readonly Server[],
): Promise<Record<string, number>> {
  const ten = standing.find((one) => one.product.title === product.title);
  if (ten === undefined) throw new Error("it does not run with ten names");
  const queries = await bench.queries("listed");
  const load = async (server: Server) => {
    const end = { seconds: bench.effort.seconds };
    return (await bench.load(server, { queries, end }, { NOERROR: 1 })).rate;
  };
  const million = await stage.start(product);
  await load(million);
  await load(million);
  // Before and after, so that it does not matter where the machine is heading.
  const [before, rate, after] = [await load(ten), await load(million), await load(ten)];
  const { rss, peak } = await memoryOf(million.running.pid);
  await stage.stop(million);
  return { startUp: million.startUp, rss, peak, rate, share: 2 * rate / (before + after) };
}

/** The workloads. */
export const LISTS: readonly Workload[] = [
  {
    id: "start",
    title: "Start",
    about:
      `From the start of the process to its first answer for a listed name, which it has to get from its
upstream, and the memory that it then holds. Ten names.`,
    metrics: [METRICS.startUp, METRICS.rss, METRICS.peak],
    ours: [REFUSING.title],
    run: runStart,
  },
  {
    id: "million",
    title: "A million names",
    about:
      `The list has a million names. Start and memory as above, but memory after it was driven; the rate for
the same ten names as above, and how that compares with the rate of the same server with no other names on its list.`,
    metrics: [
      METRICS.startUp,
      METRICS.rss,
      METRICS.peak,
      METRICS.rate,
      { key: "share", title: "of its rate with ten", digits: 2 },
    ],
    ours: [REFUSING.title],
    run: runMillion,
  },
];
