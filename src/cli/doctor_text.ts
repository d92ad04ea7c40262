/** What the doctor found, as a table for people. */

import type { Finding, State } from "../host/mod.ts";
import type { Style } from "./console.ts";

/** One line for each way out, then how to close those that are open, then the sum. */
export function doctorText(findings: readonly Finding[], style: Style): string {
  const blocks = [
    tableLines(findings, style),
    mendLines(findings.filter(({ state }) => state === "open")),
    remarkLines(findings),
    [style.bold(sumUp(findings))],
  ];
  return blocks.filter((lines) => lines.length > 0).map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

const STATE_WIDTH = "unknown".length;

function tableLines(findings: readonly Finding[], style: Style): string[] {
  const width = (texts: readonly string[]): number =>
    Math.max(0, ...texts.map(({ length }) => length));
  const nameWidth = width(findings.map(({ name }) => name));
  const targetWidth = width(findings.map(({ target }) => target));
  const colour: Readonly<Record<State, (text: string) => string>> = {
    open: style.red,
    unknown: style.red,
    note: style.cyan,
    closed: style.green,
  };
  return findings.map(({ state, name, target, note }) =>
    `${colour[state](state.padEnd(STATE_WIDTH))}  ${name.padEnd(nameWidth)}  ` +
    `${target.padEnd(targetWidth)}  ${note}`
  );
}

/** Each mend once, with the ways that it closes. */
function mendLines(open: readonly Finding[]): string[] {
  const mends = new Map<string, Set<string>>();
  for (const { name, mend } of open) mends.set(mend, (mends.get(mend) ?? new Set()).add(name));
  return [...mends].flatMap(([mend, names]) => [`To close ${[...names].join(", ")}:`, `  ${mend}`]);
}

function remarkLines(findings: readonly Finding[]): string[] {
  const lines: string[] = [];
  if (findings.some(({ state }) => state === "unknown")) {
    lines.push(
      "What could not be tried does not count as closed. Permissions that are baked in for a policy",
      "let this program try nothing else: use one that was compiled without --policy, or the source:",
      "deno task fw-dns doctor",
    );
  }
  if (findings.some(({ state, name }) => state === "note" && name.endsWith("(any)"))) {
    lines.push(
      "Port 443 is open to addresses that are on no list. That is the web, and a resolver of anyone's",
      "too: no list of known ones is ever whole. fw-dns lockdown --to nft --resolved-only closes it.",
    );
  }
  if (findings.some(({ note }) => note === "no answer")) {
    lines.push(
      "No answer means closed, or nobody there: name a resolver of your own outside, to be sure.",
    );
  }
  return lines;
}

function sumUp(findings: readonly Finding[]): string {
  const count = (wanted: State): number => findings.filter(({ state }) => state === wanted).length;
  const ways = (number: number): string => number === 1 ? "1 way" : `${number} ways`;
  const [open, unknown, closed] = [count("open"), count("unknown"), count("closed")];
  if (open + unknown === 0) return `All ${ways(closed)} out are closed.`;
  const parts = [
    ...(open > 0 ? [`${ways(open)} out ${open === 1 ? "is" : "are"} open`] : []),
    ...(unknown > 0 ? [`${ways(unknown)} could not be tried`] : []),
    `${ways(closed)} ${closed === 1 ? "is" : "are"} closed`,
  ];
  return `${parts.join(", ")}.`;
}
