/** What was measured, as a section of docs/reliability.md. */

import type { Tally } from "./asker.ts";
import { barsOf, judge } from "./bars.ts";
import type { LossRun, Measured } from "./loss_room.ts";
import type { Outcome } from "./room.ts";

/** What the numbers depend on. */
export interface Setting {
  readonly date: string;
  readonly machine: string;
  /** Of the programs that are measured beside fw-dns. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A Markdown table. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join(
    "\n",
  );
}

function percent(part: number, whole: number): string {
  return `${(Math.floor(part * 10_000 / whole) / 100).toFixed(2)} %`;
}

function ms(value: number | undefined): string {
  return value === undefined ? "" : `${Math.round(value)}`;
}

function tallyCells({ asked, answered, servfail, silent, wrong, p50, p99, max }: Tally): string[] {
  return [
    percent(answered, asked),
    `${servfail}`,
    `${silent}`,
    `${wrong}`,
    ms(p50),
    ms(p99),
    ms(max),
  ];
}

const TALLY_HEAD = ["answered", "SERVFAIL", "nothing", "wrong", "p50, ms", "p99", "max"];

function titleOf({ kind, loss, names }: LossRun): string {
  const lost = loss === 1 ? "The link cut" : `${loss * 100} % lost each way`;
  return kind === "once"
    ? `${lost}, each name asked for once`
    : `${lost}, ${names} names asked for again and again`;
}

function formatRun([run, measured]: readonly [LossRun, readonly Measured[]]): string {
  const rows = measured.map(({ title, tally }) => [title, ...tallyCells(tally)]);
  const stall = Math.round(Math.max(...measured.map((one) => one.stall)));
  return `**${
    titleOf(run)
  }**; ${run.questions} questions to each, ${run.rate} a second. The clients' own
timers were late by ${stall} ms at most: that much of the times below, and of what was not answered in time, may be theirs.

${table(["", ...TALLY_HEAD], rows)}`;
}

function formatBars(measured: readonly (readonly [LossRun, readonly Measured[]])[]): string {
  const rows = barsOf(measured).map(({ bar, title, tally }) => [
    `${bar.loss * 100} % each way`,
    title,
    `${bar.share * 100} %`,
    percent(tally.answered, tally.asked),
    judge(bar, tally) ? "yes" : "**no**",
  ]);
  return table(["lost", "", "should be answered", "was", "met"], rows);
}

/** The log's own words, with the addresses of the room left out. */
function quote(told: readonly string[]): string {
  return told.map((line) => `“${line.replaceAll(/ ?203\.0\.113\.\d+(:\d+)?/g, "").trim()}”`)
    .join("<br>");
}

function formatOutcomes(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [
    `${one.title}, ${one.transport.toUpperCase()}`,
    `${one.lasts / 1000}`,
    `${one.fresh.answered} of ${one.fresh.asked}`,
    `${one.known.answered} of ${one.known.asked}`,
    `${one.lostForGood}`,
    ms(one.normalAfter),
    one.descriptors.join(" → "),
    one.rss.map(Math.round).join(" → "),
    quote(one.told),
  ]);
  return table([
    "fault",
    "s",
    "new names answered",
    "known names answered",
    "lost for good",
    "normal after, ms",
    "descriptors",
    "MB",
    "the log",
  ], rows);
}

function sum(outcomes: readonly Outcome[], of: (one: Outcome) => number): number {
  return outcomes.reduce((total, one) => total + of(one), 0);
}

/** The whole section. */
export function formatSection(
  measured: readonly (readonly [LossRun, readonly Measured[]])[],
  outcomes: readonly Outcome[],
  { date, machine, versions }: Setting,
): string {
  const wrong = sum(outcomes, ({ fresh, known, after }) => fresh.wrong + known.wrong + after.wrong);
  const stray = sum(outcomes, ({ stray }) => stray.length);
  const underBadCertificates = outcomes.filter(({ title }) => title.includes("certificate"));
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return `Measured on ${date}, on ${machine}, with ${peers}, as root by

    deno task reliability:faults

The upstream is a real Unbound in a network namespace of its own. The link to it is a pair of TUN devices whose packets
a program of the repository carries, and loses, delays, doubles and reorders by random numbers with a fixed seed
(\`scripts/faults/link_program.ts\`); it takes ${
    measured[0]![0].delay
  } ms one way. Those of fw-dns and then the others of a table ran
side by side over the same link, under the flags or the configuration in \`scripts/faults/forwarders.ts\`. A client asks once, waits
4.5 s, and does not ask again.

${formatBars(measured)}

${measured.map(formatRun).join("\n\n")}

dnsmasq leaves it to clients to ask again, and these do not.

**Faults.** Each came while 40 new and 40 known names a second were asked for. New names are asked for once; known ones
had been answered before, with a TTL of 2 s. What had got no answer was asked for again afterwards: “lost for good” are
those that got none then. “Normal” is when a new name is answered.

${formatOutcomes(outcomes)}

In all of it there were ${wrong} wrong answers, ${stray} unlisted names came to the upstream, and while it showed a bad certificate
${
    sum(underBadCertificates, ({ heard }) =>
      heard)
  } questions did. Memory is that of a heap that grows with its work; the soak below shows where that ends. A neighbour's
flood fills the socket's buffer, and of a full one the kernel drops what comes, the flood's and others': see the floods below.
`;
}
