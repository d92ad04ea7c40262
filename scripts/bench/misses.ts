/** Listed names that are asked for the first time: each has to come from upstream. */

import { type Bench, listedNames } from "./bench.ts";
import { METRICS, type Outcome, outcomeOf, type Workload } from "./outcome.ts";
import { UNBOUND_TCP, UNBOUND_TLS } from "./peers.ts";
import type { Product } from "./product.ts";
import { Stage } from "./stage.ts";

const NAMES = { full: 20_000, quick: 4000 } as const;

/** A way to the upstream, and who takes it. */
interface Way {
  readonly transport: "udp" | "tcp" | "tls";
  others(bench: Bench): readonly Product[];
}

const UDP: Way = {
  transport: "udp",
  others: ({ others }) => [...others.peers, ...others.original],
};

const TCP: Way = {
  transport: "tcp",
  others: ({ others }) =>
    others.peers.some(({ title }) => title === "Unbound") ? [UNBOUND_TCP] : [],
};

const TLS: Way = {
  transport: "tls",
  others: ({ others }) =>
    others.peers.some(({ title }) => title === "Unbound") ? [UNBOUND_TLS] : [],
};

/** Every run has a new server, whose cache is empty. */
async function run(bench: Bench, workload: Workload, way: Way): Promise<Outcome> {
  const { own, effort } = bench;
  const names = listedNames(effort.isQuick ? NAMES.quick : NAMES.full);
  const stage = await Stage.open(bench.room, { names, ttl: 86_400, delay: 0 });
  const ours = own.fwDns({ title: workload.ours[0]!, transport: way.transport });
  const wanted = [ours, ...way.others(bench)];
  const products = await stage.prepared(wanted);
  const queries = await bench.writeQueries("misses", names.slice(1));
  const samples = await bench.inTurn(workload.id, stage, products, effort.rounds, async (one) => {
    const server = await stage.start(one);
    try {
      return await bench.load(server, { queries, end: { times: 1 } }, { NOERROR: 1 });
    } finally {
      await stage.stop(server);
    }
  });
  await stage.close();
  return outcomeOf(workload, wanted, stage.absences, samples);
}

const ABOUT = `${NAMES.full.toLocaleString("en")} listed names (${
  NAMES.quick.toLocaleString("en")
} in a quick run), each asked for once, of a server that has just started; 100 queries under way. In fw-dns a question
waits for the next tick (10 ms), so that it does not tell when a client asked.`;

/** The workloads. */
export const MISSES: readonly Workload[] = [
  {
    id: "misses",
    title: "Listed names from upstream, over UDP",
    about: ABOUT,
    metrics: [METRICS.rate, METRICS.cpu],
    ours: ["fw-dns"],
    run: (bench, workload) => run(bench, workload, UDP),
  },
  {
    id: "misses-tcp",
    title: "Listed names from upstream, over TCP",
    about: "The same, but questions go upstream over TCP.",
    metrics: [METRICS.rate, METRICS.cpu],
    ours: ["fw-dns, TCP upstream"],
    run: (bench, workload) => run(bench, workload, TCP),
  },
  {
    id: "misses-tls",
    title: "Listed names from upstream, over TLS",
    about:
      "The same, but questions go upstream over TLS, to a server whose certificate is checked.",
    metrics: [METRICS.rate, METRICS.cpu],
    ours: ["fw-dns, TLS upstream"],
    run: (bench, workload) => run(bench, workload, TLS),
  },
];
