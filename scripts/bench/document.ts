/** The results as a Markdown document. */

import type { Effort } from "./bench.ts";
import { judgeBars, type Verdict } from "./bars.ts";
import type { Metric, Outcome } from "./outcome.ts";
import { ratioOf, type Spread, spreadFor } from "./stats.ts";

/** What the numbers depend on. */
export interface Setting {
  readonly date: string;
  readonly machine: string;
  readonly isCompiled: boolean;
  /** The load of the machine before it began. */
  readonly busy: number;
  readonly effort: Effort;
  /** Each product and its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Products that are not here. */
  readonly missing: readonly string[];
  /** Titles and configurations. */
  readonly recipes: readonly { readonly title: string; readonly text: string }[];
  /** The ids of workloads that have a plot. */
  readonly plots: readonly string[];
}

const METHOD = `## How it is measured

- The server is bound to one processor; dnsperf, our own client and the upstream share another one. All is on loopback.
- Servers take turns: A B C, A B C, each round beginning with another one. A ratio is taken within a round, so that what
  the machine did meanwhile hits both; then come the median of these ratios, the least and the most.
- All have the same list of exact names, the same upstream, a cache, one thread that serves, and no log of queries.
- The echo is what the runtime does by itself: Deno receives and sends in four loops, and does nothing else. fw-dns can
  be faster where it has more loops (up to 32, as the flood demands).
- CPU time is user and system time of the server and its children, from \`/proc\`, divided by queries. It depends less on
  the machine's mood than rates do.
- The stand-in for the Python original has one loop, a regular expression for the list, and no cache. It never refuses,
  so it is not everywhere.`;

/** The whole document. */
export function formatDocument(outcomes: readonly Outcome[], setting: Setting): string {
  const { date, machine, isCompiled, busy, effort, missing, versions } = setting;
  const shown = Object.entries(versions).map(([title, version]) => `${title} ${version}`);
  return `# How fast it is

fw-dns beside a bare echo of the same runtime and beside other servers with the same list. Measured on ${date}, on
${machine}. fw-dns and the echo were ${
    isCompiled ? "compiled" : "run from source"
  }. Rounds: ${effort.rounds}, of ${effort.seconds} s${
    effort.isQuick ? "; a quick run, too short to rely on" : ""
  }. The machine's load before it began: ${busy.toFixed(1)}${
    busy > 1 ? ": others were at work, and it shows" : ""
  }. Again, on Debian with what is installed of dnsmasq unbound dnsdist pdns-recursor knot-resolver, with dnsperf and
util-linux:

    deno task bench             # --quick, --rounds N, --seconds S, --only hits,latency

${shown.join(", ")}.${missing.length === 0 ? "" : ` Not here: ${missing.join(", ")}.`}

${formatBars(judgeBars(outcomes))}
${outcomes.map((one) => formatOutcome(one, setting)).join("\n")}
${METHOD}

## Configurations

${
    setting.recipes.map(({ title, text }) => `### ${title}\n\n\`\`\`\n${text.trim()}\n\`\`\`\n`)
      .join("\n")
  }`;
}

/** What fw-dns should reach. */
export function formatBars(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return "";
  const missed = verdicts.filter(({ isMet }) => !isMet).length;
  const rows = verdicts.map(({ bar, measured, isMet }) => {
    const unit = bar.unit === undefined ? "" : ` ${bar.unit}`;
    const bound = bar.atLeast === undefined ? `at most ${bar.atMost}` : `at least ${bar.atLeast}`;
    return [
      bar.words,
      `${bound}${unit}`,
      `${digits(measured, 2)}${unit}`,
      isMet ? "yes" : "**no**",
    ];
  });
  const words = missed === 0
    ? "All of it was reached in this run."
    : `${missed} of ${verdicts.length} were not reached in this run.`;
  return `## What it should reach

${words}

${table(["", "should be", "median", "reached"], rows)}
`;
}

/** One workload: what it is, its table, its plot, and who is not in it. */
export function formatOutcome(outcome: Outcome, { plots }: Pick<Setting, "plots">): string {
  const { workload, servers, samples, absences, skipped } = outcome;
  const { title, about, metrics, ours, id } = workload;
  const head = `## ${title}\n\n${about}\n`;
  if (skipped !== undefined) return `${head}\nNot measured. ${skipped}\n`;
  const subject = ours[0]!;
  const measured = servers.filter((server) => samples.some((one) => one.server === server));
  const withRatio = metrics.filter(({ hasRatio }) => hasRatio);
  const rows = measured.map((server) => [
    ours.includes(server) ? `**${server}**` : server,
    ...metrics.map((metric) => cell(spreadFor(samples, server, metric.key), metric)),
    ...withRatio.map(({ key }) =>
      server === subject ? "" : ratioCell(ratioOf(samples, subject, server, key))
    ),
  ]);
  const heads = [
    "",
    ...metrics.map((one) => one.title),
    ...withRatio.map((one) => `${subject} ÷ it, ${one.title.split(",")[0]}`),
  ];
  const left = absences.filter(({ server }) => !measured.includes(server))
    .map(({ server, why }) => `- Without ${server}: ${why}`);
  const plot = plots.includes(id) ? `\n![${title}](benchmarks/${id}.svg)\n` : "";
  return [head, table(heads, rows), plot, ...left].filter((part) => part !== "").join("\n") + "\n";
}

function cell(spread: Spread | undefined, metric: Metric): string {
  if (spread === undefined) return "";
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) =>
    digits(value, metric.digits)
  );
  return min === max ? median! : `${median} (${min} – ${max})`;
}

function ratioCell(spread: Spread | undefined): string {
  return cell(spread, { key: "", title: "", digits: 2 });
}

function digits(value: number, count: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: count, maximumFractionDigits: count });
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map((_, i) => i === 0 ? "---" : "---:"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
