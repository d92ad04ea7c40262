/** What a soak came to, in words. */

import { describeMachine } from "../machine.ts";
import type { Options } from "./options.ts";
import type { Soak } from "./run.ts";
import { type Growth, judgeGrowth, MOST_GROWTH, SHORTEST } from "./samples.ts";
import type { Row } from "./tally.ts";
import { RATES } from "./traffic.ts";

const COLUMNS: readonly (readonly [keyof Row, string])[] = [
  ["asked", "asked"],
  ["right", "right"],
  ["stale", "stale"],
  ["truncated", "truncated"],
  ["servfail", "SERVFAIL, rightly"],
  ["denied", "refused"],
  ["silent", "no reply, rightly"],
  ["excused", "first try lost"],
  ["wrong", "wrong"],
  ["lost", "lost"],
  ["needless", "needless SERVFAIL"],
  ["leaked", "leaked"],
];

/** One line on how it goes. */
export function describeProgress({ tally, samples, rogue, reloads, seen, starved }: Soak): string {
  const { asked, right, stale, servfail, excused } = tally.total;
  const { at, rss, descriptors, sockets, cpu } = samples.at(-1)!;
  return `${Math.round(at / 1000)} s: asked ${asked}, right ${right}, stale ${stale}, ` +
    `SERVFAIL ${servfail}, first tries lost ${excused}, bad ${tally.problemCount}; ` +
    `upstream ${seen}; rogue ${rogue.sent} in ${rogue.bursts} bursts; ` +
    `reloads ${reloads.good} good, ${reloads.broken} broken; starved ${
      (starved / 1000).toFixed(1)
    } s; ` +
    `RSS ${rss.toFixed(1)} MB, ${descriptors} descriptors, ${sockets} sockets, CPU ${
      cpu.toFixed(0)
    } s`;
}

/** Whether it is all as it should be. */
export function isGood(soak: Soak, { length }: Options): boolean {
  return soak.tally.problemCount === 0 &&
    judgeGrowth(soak.samples, length).every(({ isFlat }) => isFlat);
}

/** The whole of it, in Markdown. */
export async function describeSoak(soak: Soak, options: Options): Promise<string> {
  const { tally, rogue, reloads, faults, samples } = soak;
  const seconds = options.length / 1000;
  const peak = Math.max(...samples.map(({ rss }) => rss));
  const busy = samples.at(-1)!.cpu - samples[0]!.cpu;
  return `${duration(seconds)} of everything at once, seed ${options.seed}: ${
    Math.round(options.load * Object.values(RATES).reduce((a, b) => a + b))
  } questions a second by Zipf's law over UDP and TCP, with and without EDNS, in any letter case, from nine
addresses; policies reloaded ${reloads.good} times, and ${reloads.broken} broken ones refused; two upstreams, a scripted one and an Unbound
(UDP, TCP, TLS), that failed ${sum(faults)} times; a rogue that sent ${
    rogue.sent.toLocaleString("en")
  } packets in ${rogue.bursts} bursts and held misused TCP connections all the time. Each
answer tells when it was made, and is checked for that and for whose it is. ${
    soak.seen.toLocaleString("en")
  } questions reached the upstreams, all of them
checked against the policy. fw-dns was ${
    soak.isCompiled ? "compiled" : "run from source"
  }, and took ${(100 * busy / seconds).toFixed(0)} % of a core.

${describeRows(tally.rows)}

A first try may be lost while the rogue floods, or while the machine is busy with other things (${
    (soak.starved / 1000).toFixed(0)
  } s, as
Linux counts it); the second then has to be answered. SERVFAIL is right only where no
upstream was well, and nothing stale at hand. Faults: ${
    [...faults].sort().map(([kind, count]) => `${kind} ${count}`).join(", ")
  }.

${describeGrowth(judgeGrowth(samples, options.length))} The most memory was ${peak.toFixed(1)} MB.

${describeProblems(soak)}

Measured on ${new Date().toISOString().slice(0, 10)}, ${await describeMachine()}. Again:
\`deno task reliability:soak --minutes ${seconds / 60}\` (Debian: unbound).
`;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function describeRows(rows: ReadonlyMap<string, Row>): string {
  const lines = [...rows].map(([kind, row]) =>
    `| ${kind} | ${COLUMNS.map(([key]) => row[key].toLocaleString("en")).join(" | ")} |`
  );
  return [
    `| asked for | ${COLUMNS.map(([, title]) => title).join(" | ")} |`,
    `| --- | ${COLUMNS.map(() => "---:").join(" | ")} |`,
    ...lines,
  ].join("\n");
}

function describeGrowth(growth: readonly Growth[]): string {
  if (growth.length === 0) {
    return `Growth was not judged: that takes ${SHORTEST / 60_000} minutes.`;
  }
  const lines = growth.map(({ what, second, last, share, isFlat }) =>
    `| ${what === "rss" ? "RSS, MB" : what} | ${second.toFixed(1)} | ${last.toFixed(1)} | ${
      (100 * share).toFixed(1)
    } % | ${isFlat ? "flat" : "**grows**"} |`
  );
  return `| median | second quarter | last quarter | growth | at most ${100 * MOST_GROWTH} % |
| --- | ---: | ---: | ---: | --- |
${lines.join("\n")}

`;
}

function describeProblems({ tally }: Soak): string {
  if (tally.problemCount === 0) {
    return "No wrong answer, none lost that should have come, and nothing that was not listed got an answer or reached an upstream.";
  }
  const told = tally.problems.map((problem) => `- ${problem}`).join("\n");
  return `**${tally.problemCount} problems**, the first of them:\n\n${told}`;
}
