/** Verdicts over the last hours, as a picture and as a table. */

import type { HistoryPoint } from "../observe/stats.ts";
import { type Html, markup } from "./html.ts";
import { KINDS } from "./verdicts.ts";
import { formatCount, formatSpan } from "./words.ts";

const MINUTE = 60_000;

/** How many minutes one bar may stand for, and how many bars there are at most. */
const STEPS = [1, 2, 5, 10, 15, 30, 60];
const MOST_BARS = 96;

/** How wide a bar is, with its gap, and how high the picture is; it is stretched to fit. */
const [BAR, GAP, HEIGHT] = [10, 2, 100];

interface Bar {
  readonly time: number;
  /** In the order of the kinds, which is from the bottom up. */
  readonly counts: readonly number[];
}

/** The picture, its legend and the same as a table; words where nothing has happened yet. */
export function plot(history: readonly HistoryPoint[]): Html {
  const { bars, step } = gather(history);
  const most = Math.max(0, ...bars.map(total));
  if (most === 0) return markup`<p class="none">Nothing has been asked yet.</p>`;
  return markup`<div class="plot">
<p class="most">${formatCount(most)} in ${formatSpan(step)}</p>
${picture(bars, most, step)}
${axis(bars, step)}
</div>
${legend(bars)}
${table(bars)}`;
}

function total({ counts }: Bar): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Minutes put together, so that there are few enough bars; those without anything have a place, too. */
function gather(history: readonly HistoryPoint[]): { bars: Bar[]; step: number } {
  const [first, last] = [history[0]?.time ?? 0, history.at(-1)?.time ?? 0];
  const minutes = (last - first) / MINUTE + 1;
  const step = (STEPS.find((one) => minutes / one < MOST_BARS) ?? STEPS.at(-1)!) * MINUTE;
  const begin = Math.floor(first / step) * step;
  const bars: { time: number; counts: number[] }[] = [];
  for (let time = begin; time <= last && bars.length <= MOST_BARS; time += step) {
    bars.push({ time, counts: KINDS.map(() => 0) });
  }
  for (const { time, counts } of history) {
    const bar = bars[Math.floor((time - begin) / step)];
    if (bar === undefined) continue;
    KINDS.forEach(({ of }, i) => {
      for (const verdict of of) bar.counts[i]! += counts[verdict] ?? 0;
    });
  }
  return { bars, step };
}

/** A short history takes the right end of a picture that is as wide as an hour. */
const LEAST_BARS = 60;

function picture(bars: readonly Bar[], most: number, step: number): Html {
  const places = Math.max(LEAST_BARS, bars.length);
  const width = places * BAR;
  const drawn = bars.map((bar, i) => drawBar(bar, places - bars.length + i, most, step));
  return markup`<svg viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img"
  aria-label="Verdicts over time; the table below has the figures"
><line class="half" x1="0" x2="${width}" y1="${HEIGHT / 2}" y2="${HEIGHT / 2}"/>${drawn}</svg>`;
}

function drawBar(bar: Bar, place: number, most: number, step: number): Html | undefined {
  if (total(bar) === 0) return undefined;
  let top = HEIGHT;
  const parts = bar.counts.map((count, i) => {
    if (count === 0) return undefined;
    // What is there can be seen, however little it is.
    const height = Math.max(1, Math.round(count / most * HEIGHT * 10) / 10);
    top = Math.round((top - height) * 10) / 10;
    const [x, width, kind] = [place * BAR, BAR - GAP, KINDS[i]!.key];
    return markup`<rect class="${kind}" x="${x}" y="${top}" width="${width}" height="${height}"/>`;
  });
  const title = `${hour(bar.time)} to ${hour(bar.time + step)}: ${told(bar)}`;
  return markup`<g><title>${title}</title>${parts}</g>`;
}

function told({ counts }: Bar): string {
  return KINDS.map(({ label }, i) => `${formatCount(counts[i]!)} ${label}`)
    .filter((_, i) => counts[i]! > 0).join(", ");
}

/** `14:05`, in UTC. */
function hour(time: number): string {
  return new Date(time).toISOString().slice(11, 16);
}

function axis(bars: readonly Bar[], step: number): Html {
  const end = bars.at(-1)!.time + step;
  const begin = end - Math.max(LEAST_BARS, bars.length) * step;
  const marks = [begin, (begin + end) / 2, end].map((time) => markup`<span>${hour(time)}</span>`);
  return markup`<p class="axis" aria-hidden="true">${marks}</p>`;
}

function legend(bars: readonly Bar[]): Html {
  const items = KINDS.map(({ key, label }, i) => {
    const sum = bars.reduce((all, { counts }) => all + counts[i]!, 0);
    return markup`<li><span class="key ${key}"></span>${label} <b>${formatCount(sum)}</b></li>`;
  });
  return markup`<ul class="legend">${items}</ul>`;
}

/** Only what is not empty, the newest first. */
function table(bars: readonly Bar[]): Html {
  const rows = bars.filter((bar) => total(bar) > 0).reverse().map(({ time, counts }) => {
    const cells = counts.map((count) => markup`<td class="number">${formatCount(count)}</td>`);
    return markup`<tr><th scope="row">${hour(time)}</th>${cells}</tr>`;
  });
  const heads = KINDS.map(({ label }) => markup`<th scope="col" class="number">${label}</th>`);
  return markup`<details data-key="figures"><summary>The figures as a table</summary>
<div class="wide" role="region" aria-label="Verdicts over time, as a table" tabindex="0">
<table>
<thead><tr><th scope="col">From (UTC)</th>${heads}</tr></thead>
<tbody>${rows}</tbody>
</table>
</div></details>`;
}
