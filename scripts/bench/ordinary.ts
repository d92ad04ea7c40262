/** Listed names at hand, unlisted names, and both: ten names on the list, and nothing that has to wait. */

import type { Bench } from "./bench.ts";
import { METRICS, type Outcome, outcomeOf, type Workload } from "./outcome.ts";
import { ORIGINAL } from "./own.ts";
import type { Product } from "./product.ts";
import type { Server } from "./stage.ts";

/** How long a server is driven before it counts, in s: code is compiled, caches are filled. */
const WARM_UP = 2;

/** Queries a second that are sent to see what dropping costs: less than any server can do. */
const DROP_RATE = 40_000;

/** The variants of fw-dns here. */
export const REFUSING = { title: "fw-dns" } as const;
const DROPPING = { title: "fw-dns, dropping", unlisted: "drop" } as const;

interface Asked {
  readonly queries: "listed" | "unlisted" | "mixed";
  readonly wanted: Readonly<Record<string, number>>;
  readonly isTcp?: boolean;
  /** Who can be asked this way. */
  suits(product: Product): boolean;
}

function all(bench: Bench): Product[] {
  const { peers, exported, original } = bench.others;
  return [bench.own.echo, bench.own.fwDns(REFUSING), ...peers, ...exported, ...original];
}

function loadWith(asked: Asked): Workload["run"] {
  return (bench, workload) => runLoad(bench, workload, asked);
}

async function runLoad(bench: Bench, workload: Workload, asked: Asked): Promise<Outcome> {
  const stage = await bench.ordinary();
  const wanted = all(bench).filter((one) => asked.suits(one));
  const servers = await stage.standing(wanted);
  const queries = await bench.queries(asked.queries);
  const load = (server: Server, seconds: number) =>
    bench.load(server, { queries, end: { seconds }, isTcp: asked.isTcp ?? false }, asked.wanted);
  const products = servers.map(({ product }) => product);
  const find = (product: Product): Server => servers.find((one) => one.product === product)!;
  const { rounds, seconds } = bench.effort;
  const warmUp = Math.min(WARM_UP, seconds);
  await bench.inTurn(
    `${workload.id}, warming up`,
    stage,
    products,
    1,
    (one) => load(find(one), warmUp),
  );
  const samples = await bench.inTurn(
    workload.id,
    stage,
    products,
    rounds,
    (one) => load(find(one), seconds),
  );
  return outcomeOf(workload, wanted, stage.absences, samples);
}

/** One sends whatever comes back, so all servers get the same, and none is driven to its limit. */
async function runDropped(bench: Bench, workload: Workload): Promise<Outcome> {
  const stage = await bench.ordinary();
  const { own, others } = bench;
  const ours = [DROPPING, REFUSING].map((one) => own.fwDns(one));
  const wanted = [own.echo, ...ours, ...others.peers, ...others.original];
  const servers = await stage.standing(wanted);
  const names = await bench.unlisted();
  const products = servers.map(({ product }) => product);
  const measure = async (product: Product) => {
    const server = servers.find((one) => one.product === product)!;
    const { cpu } = await bench.openLoop(server, DROP_RATE, bench.effort.seconds, names);
    return { cpu };
  };
  await bench.inTurn(`${workload.id}, warming up`, stage, products, 1, measure);
  const samples = await bench.inTurn(workload.id, stage, products, bench.effort.rounds, measure);
  return outcomeOf(workload, wanted, stage.absences, samples);
}

const LOAD = [METRICS.rate, METRICS.cpu];

/** The workloads. */
export const ORDINARY: readonly Workload[] = [
  {
    id: "hits",
    title: "Listed names at hand",
    about: "dnsperf asks for ten listed names over and over, with 100 queries under way.",
    metrics: LOAD,
    ours: [REFUSING.title],
    run: loadWith({ queries: "listed", wanted: { NOERROR: 1 }, suits: () => true }),
  },
  {
    id: "refused",
    title: "Unlisted names, refused",
    about: `dnsperf asks for 10,000 names that are on no list; \`unlisted = "refused"\`.`,
    metrics: LOAD,
    ours: [REFUSING.title],
    run: loadWith({
      queries: "unlisted",
      wanted: { REFUSED: 1 },
      suits: ({ isSilent }) => !isSilent,
    }),
  },
  {
    id: "dropped",
    title: "Unlisted names, dropped",
    about:
      `40,000 queries a second for names that are on no list, sent whatever comes back. fw-dns and
the stand-in drop them; what the others spend on refusing stands beside it.`,
    metrics: [METRICS.cpu],
    ours: [DROPPING.title, REFUSING.title],
    run: runDropped,
  },
  {
    id: "mixed",
    title: "Half listed, half not",
    about: "dnsperf asks for listed and unlisted names in turn; the latter are refused.",
    metrics: LOAD,
    ours: [REFUSING.title],
    run: loadWith({
      queries: "mixed",
      wanted: { NOERROR: 0.5, REFUSED: 0.5 },
      suits: ({ isSilent }) => !isSilent,
    }),
  },
  {
    id: "tcp",
    title: "Listed names over TCP",
    about: "The same ten names over four TCP connections that stay open.",
    metrics: LOAD,
    ours: [REFUSING.title],
    run: loadWith({
      queries: "listed",
      wanted: { NOERROR: 1 },
      isTcp: true,
      suits: (one) => one !== ORIGINAL,
    }),
  },
];
