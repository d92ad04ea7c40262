/** What `fw-dns top` shows, as lines that fit a terminal. Whatever comes from elsewhere is made harmless first. */

import { mostBits } from "../policy/mod.ts";
import {
  countKind,
  formatCount,
  formatSpan,
  formatTime,
  kindOf,
  type VerdictKind,
  visible,
} from "../status/mod.ts";
import { formatBytes, many } from "../system/mod.ts";
import type { Style } from "./console.ts";
import type { ReadStatus } from "./status_client.ts";

/** How much room there is, in characters. */
export interface Room {
  readonly columns: number;
  /** Undefined: as many as there are. */
  readonly rows: number | undefined;
}

type Paint = (text: string) => string;

/** A piece of a line: it is cut before it is painted. */
interface Piece {
  readonly text: string;
  readonly paint: Paint;
}

/** How many domains are shown at most. */
const MOST_DOMAINS = 8;

/** How many minutes the small plots have. */
const MINUTES = 60;

/** All of it. */
export function formatTop(status: ReadStatus, style: Style, { columns, rows }: Room): string[] {
  const dim = (text: string): Piece => ({ text, paint: style.dim });
  const lines: Piece[][] = [
    ...headLines(status, style),
    [],
    ...plotLines(status, style, Math.max(1, Math.min(MINUTES, columns - 22))),
    [],
    ...domainLines(status, style, columns),
    [],
    [dim(decisionLine("TIME", "VERDICT", "NAME", "CLIENT", "REASON", columns))],
    ...decisionLines(status, style, columns),
  ];
  const hidden = status.sight === "all" ? [] : [[dim("Other clients' names are not shown here.")]];
  const all = [...lines, ...hidden];
  const shown = rows === undefined ? all : all.slice(0, Math.max(1, rows));
  return shown.map((line) => fit(line, columns));
}

function headLines(status: ReadStatus, style: Style): Piece[][] {
  const { version, untried, mode, started, now, policy, rules, leak, table } = status;
  const isReady = untried === 0;
  return [
    [
      { text: `fw-dns ${visible(version)}  `, paint: style.bold },
      isReady
        ? { text: "serving", paint: style.green }
        : { text: `not ready, ${formatCount(untried)} still to be tried`, paint: style.red },
      plain(`  ${visible(mode)}, up for ${formatSpan(now - started)}, ${formatTime(now)} UTC`),
    ],
    row("policy", `${visible(policy)}, ${many(Math.round(rules), "rule")}`),
    row("leak bound", `${formatCount(Math.ceil(mostBits(leak)))} bits an hour`),
    verdictLine(status, style),
    row(
      "attempted",
      `about ${formatBytes(status.blockedBytes)} in blocked names, ${
        many(Math.round(status.alarms), "alarm")
      }`,
    ),
    row(
      "kept",
      `${formatCount(table.pairs)} ${table.pairs === 1 ? "name and type" : "names and types"}, ` +
        `${formatCount(table.fresh)} fresh, ` +
        `${formatCount(table.stale)} stale, oldest ${formatSpan(table.oldest * 1000)}`,
    ),
    ...status.upstreams.map((upstream) => upstreamLine(upstream, style)),
  ];
}

function plain(text: string): Piece {
  return { text, paint: (same) => same };
}

function row(title: string, text: string): Piece[] {
  return [plain(`${title.padEnd(12)}${text}`)];
}

function verdictLine({ responses }: ReadStatus, style: Style): Piece[] {
  const count = (kind: VerdictKind): string => formatCount(countKind(responses, kind));
  return [
    ...row("queries", `${count("allowed")} allowed, ${count("empty")} no data, `),
    { text: `${count("blocked")} blocked`, paint: style.red },
    plain(`, ${count("failed")} failed`),
  ];
}

function upstreamLine(upstream: ReadStatus["upstreams"][0], style: Style): Piece[] {
  const { name, isAnswering, questions, failures, unreachable } = upstream;
  return [
    ...row("upstream", ""),
    isAnswering
      ? { text: "answering", paint: style.green }
      : { text: "silent   ", paint: style.red },
    plain(
      `  ${visible(name)}, ${formatCount(questions)} asked, ` +
        `${formatCount(failures + unreachable)} failed`,
    ),
  ];
}

const BLOCKS = " ▁▂▃▄▅▆▇█";

/** The last minutes: one line of what was allowed, and one of what was blocked. */
function plotLines({ history }: ReadStatus, style: Style, width: number): Piece[][] {
  const last = history.slice(-width);
  const line = (kind: VerdictKind, paint: Paint): Piece[] => {
    const sums = last.map(({ counts }) =>
      countKind(Object.entries(counts).map(([verdict, count]) => ({ verdict, count })), kind)
    );
    const most = Math.max(0, ...sums);
    const bars = sums.map((sum) => BLOCKS[most === 0 ? 0 : Math.ceil(sum / most * 8)]).join("");
    return [
      plain(kind.padEnd(12)),
      { text: bars.padStart(width), paint },
      { text: ` ${formatCount(most)}/min`, paint: style.dim },
    ];
  };
  return [
    line("allowed", style.green),
    line("blocked", style.red),
  ];
}

function domainLines({ blocked }: ReadStatus, { dim }: Style, columns: number): Piece[][] {
  if (blocked.length === 0) {
    return [[{ text: "No unlisted name has been asked for.", paint: dim }]];
  }
  const line = (domain: string, client: string, ...figures: string[]): string => {
    const right = (columns < 70 ? "" : `  ${pad(client, 16)}`) +
      figures.map((one) => one.padStart(9)).join("");
    return pad(domain, Math.max(8, columns - right.length)) + right;
  };
  const head = line("BLOCKED DOMAIN", "CLIENT", "QUERIES", "NAMES", "BYTES");
  return [
    [{ text: head, paint: dim }],
    ...blocked.slice(0, MOST_DOMAINS).map(({ domain, client, queries, names, bytes }) => {
      const size = bytes === undefined ? "-" : `~${formatBytes(bytes)}`;
      const figures = [formatCount(queries), formatCount(names), size];
      return [plain(line(visible(domain), visible(client), ...figures))];
    }),
  ];
}

function decisionLines({ decisions }: ReadStatus, style: Style, columns: number): Piece[][] {
  return decisions.map(({ time, verdict, name = "(no name)", type = "", client, reason }) => {
    const text = decisionLine(
      formatTime(time),
      visible(verdict),
      visible(`${name} ${type}`),
      visible(client),
      visible(reason),
      columns,
    );
    const kind = kindOf(verdict);
    const paint = kind === "allowed" ? style.green : kind === "empty" ? style.dim : style.red;
    const [before, after] = [text.slice(0, 10), text.slice(19)];
    return [
      { text: before, paint: style.dim },
      { text: text.slice(10, 19), paint },
      plain(after),
    ];
  });
}

function decisionLine(
  time: string,
  verdict: string,
  name: string,
  client: string,
  reason: string,
  columns: number,
): string {
  const left = `${pad(time, 8)}  ${pad(verdict, 8)} `;
  const right = columns < 60 ? "" : `  ${pad(client, 16)}  ${pad(reason, 9)}`;
  return left + padInside(name, Math.max(8, columns - left.length - right.length)) + right;
}

/** Exactly so wide: cut near its beginning, as the domain and the type are at its end. */
function padInside(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const end = width - 5;
  return `${text.slice(0, width - end - 1)}…${text.slice(-end)}`;
}

/** Exactly so wide: cut in its end, where the ellipsis says so. */
function pad(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`;
}

function fit(line: readonly Piece[], columns: number): string {
  let left = columns;
  return line.map(({ text, paint }) => {
    const shown = text.slice(0, Math.max(0, left));
    left -= shown.length;
    return shown === "" ? "" : paint(shown);
  }).join("").trimEnd();
}
