/** Plots as SVG: small, and readable on light and on dark. */

import type { Spread } from "./stats.ts";

/** A bar: its median with a line from the least to the most, or none where only the median is known. */
export interface PlotBar {
  readonly label: string;
  readonly spread: Spread;
  /** Whether it stands out. */
  readonly isOurs: boolean;
}

/** Some values of one server on one line. */
export interface PlotRow {
  readonly label: string;
  readonly points: readonly { readonly mark: string; readonly value: number }[];
  readonly isOurs: boolean;
}

const WIDTH = 720;
const LABELS = 190;
const RIGHT = 70;
const LINE = 26;
const TOP = 44;
const BOTTOM = 22;
const SPACE = WIDTH - LABELS - RIGHT;

const STYLE = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .small { font-size: 11px; fill: #59636e }
.ours { fill: #0969da } .other { fill: #8c959f } .line { stroke: #1f2328 } .grid { stroke: #8c959f; stroke-opacity: .4 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .small { fill: #9198a1 } .ours { fill: #4493f8 } .other { fill: #656c76 } .line { stroke: #f0f6fc } }
</style>`;

/** Horizontal bars from 0, with a mark at 1 where `reference` names what that is. */
export function barPlot(title: string, bars: readonly PlotBar[], reference?: string): string {
  const most = Math.max(1e-9, ...bars.map(({ spread }) => spread.max), reference ? 1 : 0);
  const x = (value: number): number => LABELS + value / most * SPACE;
  const rows = bars.map(({ label, spread, isOurs }, i) => {
    const y = TOP + i * LINE;
    const middle = y + LINE / 2 - 2;
    return `${text(LABELS - 8, middle + 4, label, "", "end")}
${rect(LABELS, y + 2, x(spread.median) - LABELS, LINE - 8, isOurs ? "ours" : "other")}
${line(x(spread.min), middle, x(spread.max), middle, "line")}
${text(x(spread.max) + 6, middle + 4, short(spread.median))}`;
  });
  const mark = reference === undefined
    ? ""
    : `${line(x(1), TOP - 6, x(1), TOP + bars.length * LINE, "line", "4 3")}
${text(x(1), TOP + bars.length * LINE + 14, `1 = ${reference}`, "small", "middle")}`;
  return svg(title, bars.length, [...rows, mark]);
}

/** Points on a logarithmic axis, named by marks, one line a server. */
export function pointPlot(title: string, unit: string, rows: readonly PlotRow[]): string {
  const values = rows.flatMap(({ points }) => points.map(({ value }) => Math.max(value, 1e-3)));
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const x = (value: number): number =>
    LABELS + (Math.log10(Math.max(value, 1e-3)) - low) / (high - low) * SPACE;
  const bottom = TOP + rows.length * LINE;
  const grid = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).map((value) =>
    `${line(x(value), TOP - 6, x(value), bottom, "grid")}
${text(x(value), bottom + 14, `${short(value)} ${unit}`, "small", "middle")}`
  );
  const lines = rows.map(({ label, points, isOurs }, i) => {
    const y = TOP + i * LINE + LINE / 2 - 2;
    const kind = isOurs ? "ours" : "other";
    const marks = points.map(({ mark, value }, place) =>
      `<circle cx="${round(x(value))}" cy="${y}" r="${3 + place}" class="${kind}"><title>${
        escape(`${mark}: ${short(value)} ${unit}`)
      }</title></circle>`
    );
    const ends = points.map(({ value }) => x(value));
    return [
      text(LABELS - 8, y + 4, label, "", "end"),
      line(Math.min(...ends), y, Math.max(...ends), y, "line"),
      ...marks,
    ].join("\n");
  });
  return svg(title, rows.length, [...grid, ...lines]);
}

function svg(title: string, lines: number, parts: readonly string[]): string {
  const height = TOP + lines * LINE + BOTTOM;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escape(title)}</title>
${STYLE}
${text(8, 20, title, "title")}
${parts.filter((part) => part !== "").join("\n")}
</svg>
`;
}

function text(x: number, y: number, words: string, kind = "", anchor = "start"): string {
  const name = kind === "" ? "" : ` class="${kind}"`;
  return `<text x="${round(x)}" y="${round(y)}"${name} text-anchor="${anchor}">${
    escape(words)
  }</text>`;
}

function rect(x: number, y: number, width: number, height: number, kind: string): string {
  return `<rect x="${x}" y="${y}" width="${
    round(Math.max(0, width))
  }" height="${height}" rx="2" class="${kind}"/>`;
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string, dashes = ""): string {
  const dashed = dashes === "" ? "" : ` stroke-dasharray="${dashes}"`;
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${
    round(y2)
  }" class="${kind}"${dashed}/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A number in few digits. */
function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : `${Number(value.toPrecision(3))}`;
}

function escape(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}
