/** Writes the document and its plots. */

import { describeMachine } from "../machine.ts";
import type { Effort } from "./bench.ts";
import { formatDocument } from "./document.ts";
import type { Outcome } from "./outcome.ts";
import type { Product } from "./product.ts";
import { barPlot, pointPlot } from "./plot.ts";
import { ratioOf, spreadFor } from "./stats.ts";

/** What is known beside the results. */
export interface Findings {
  readonly isCompiled: boolean;
  /** The load of the machine before it began. */
  readonly busy: number;
  readonly effort: Effort;
  readonly versions: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  /** Whose configurations are shown. */
  readonly products: readonly Product[];
}

/** A task for the configurations in the document. */
const SHOWN = {
  folder: "/tmp/bench",
  port: 5300,
  upstream: 5301,
  names: ["n0.listed.example.com", "n1.listed.example.com"],
  namesFile: "/tmp/bench/names.txt",
} as const;

/** Writes `benchmarks.md` and `benchmarks/*.svg` into a folder. */
export async function writeDocument(
  folder: string,
  outcomes: readonly Outcome[],
  findings: Findings,
): Promise<void> {
  await Deno.mkdir(`${folder}/benchmarks`, { recursive: true });
  const plots = new Map(
    outcomes.map((one) => [one.workload.id, plotOf(one)] as const).filter(([, plot]) =>
      plot !== ""
    ),
  );
  for (const [id, plot] of plots) await Deno.writeTextFile(`${folder}/benchmarks/${id}.svg`, plot);
  const text = formatDocument(outcomes, {
    ...findings,
    date: new Date().toISOString().slice(0, 10),
    machine: `${await describeMachine()}, ${await kernel()}`,
    plots: [...plots.keys()],
    recipes: findings.products.map((one) => ({ title: one.title, text: one.recipe(SHOWN) })),
  });
  const file = `${folder}/benchmarks.md`;
  await Deno.writeTextFile(file, text);
  // Here and not in deno.json, where it would get the flags that this is called with.
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", file] }).output();
}

async function kernel(): Promise<string> {
  return `Linux ${(await Deno.readTextFile("/proc/sys/kernel/osrelease")).trim()}`;
}

/** The picture of a workload; empty where there is nothing to see. */
function plotOf(outcome: Outcome): string {
  const { workload, servers, samples } = outcome;
  const isOurs = (server: string): boolean => workload.ours.includes(server);
  const measured = servers.filter((server) => samples.some((one) => one.server === server));
  if (measured.length === 0) return "";
  const percentiles = workload.metrics.filter(({ isPercentile }) => isPercentile);
  if (percentiles.length > 0) {
    const rows = measured.map((label) => ({
      label,
      isOurs: isOurs(label),
      points: percentiles.map(({ key, title }) => ({
        mark: title.split(",")[0]!,
        value: spreadFor(samples, label, key)!.median,
      })),
    }));
    const marks = percentiles.map(({ title }) => title.split(",")[0]).join(", ");
    return pointPlot(`${workload.title}: ${marks}`, "ms", rows);
  }
  const { key, title } = workload.metrics[0]!;
  const echo = "Deno echo";
  // On a busy machine the echo's share of the processor may be too small to be counted.
  const hasEcho = measured.includes(echo) &&
    measured.every((one) => ratioOf(samples, one, echo, key) !== undefined);
  const bars = measured.filter((one) => !hasEcho || one !== echo).map((label) => ({
    label,
    isOurs: isOurs(label),
    spread: (hasEcho ? ratioOf(samples, label, echo, key) : spreadFor(samples, label, key))!,
  }));
  return hasEcho
    ? barPlot(`${workload.title}: ${title}, as a multiple of the echo's`, bars, "the echo")
    : barPlot(`${workload.title}: ${title}`, bars);
}
