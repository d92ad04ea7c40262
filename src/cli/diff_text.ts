/** The report of `fw-dns diff` for people. */

import {
  describeLearning,
  formatBits,
  formatPattern,
  formatTypes,
  mostBits,
  type ReachDifference,
} from "../policy/mod.ts";
import { formatWhole } from "../system/mod.ts";
import type { Style } from "./console.ts";
import type { PolicyDiff, Step } from "./diff_policies.ts";
import { type LoadedPolicy, placeOf } from "./load.ts";

/** The most lines of one kind: nobody reads more. */
const MOST_LINES = 100;

/** The whole report, with the line's end after each line. */
export function formatDiff(
  before: LoadedPolicy,
  after: LoadedPolicy,
  diff: PolicyDiff,
  style: Style,
): string {
  const lines = [
    ...diff.steps.flatMap((step) => formatStep(step, diff, before, after, style)),
    ...section(
      "Becomes reachable while learning:",
      diff.learn === undefined ? [] : [`+ ${describeLearning(diff.learn)}`],
      style.red,
    ),
    ...section("Clients who may ask from now on:", diff.clients.map(({ text }) => `+ ${text}`)),
    ...section("Rules that say something else:", diff.rules.map((line) => `~ ${line}`)),
    ...section("Settings that differ:", diff.settings.map((line) => `~ ${line}`)),
    leakLine(before, after),
  ];
  return `${lines.join("\n")}\n`;
}

function formatStep(
  { from, added, removed }: Step,
  { learn }: PolicyDiff,
  before: LoadedPolicy,
  after: LoadedPolicy,
  style: Style,
): string[] {
  const since = from === undefined ? "" : `, from ${new Date(from).toISOString()} on`;
  if (from === undefined && added.length + removed.length === 0) {
    const by = learn === undefined ? "are reachable" : "are reachable by rules";
    return [`The same names and types ${by}.`, ""];
  }
  const tell = (all: readonly ReachDifference[], loaded: LoadedPolicy, sign: string): string[] =>
    // Only what is told is looked for in the files: there may be a million.
    all.map((one, i) =>
      i < MOST_LINES ? `${sign} ${describe(one)}${describePlace(loaded, one)}` : ""
    );
  return [
    ...section(`Becomes reachable${since}:`, tell(added, after, "+"), style.red),
    ...section(`No longer reachable${since}:`, tell(removed, before, "-"), style.green),
  ];
}

function describe({ pattern, types, rule, isPart }: ReachDifference): string {
  const labels = rule.labels === undefined || pattern.reach === "exact"
    ? ""
    : ` (labels ${rule.labels.text})`;
  const part = isPart ? ", some of these names" : "";
  const end = rule.expires === undefined ? "" : `, until ${new Date(rule.expires).toISOString()}`;
  return `${formatPattern(pattern)}${labels}  ${formatTypes(new Set(types))}${part}${end}`;
}

function describePlace(loaded: LoadedPolicy, { rule }: ReachDifference): string {
  const { file, line } = placeOf(loaded, rule);
  return `  ${file}:${line}`;
}

function section(
  title: string,
  lines: readonly string[],
  mark = (text: string): string => text,
): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - MOST_LINES;
  return [
    title,
    ...lines.slice(0, MOST_LINES).map((line) => `  ${mark(line)}`),
    ...(more > 0 ? [`  and ${formatWhole(more)} more`] : []),
    "",
  ];
}

function leakLine(before: LoadedPolicy, after: LoadedPolicy): string {
  const [old, now] = [before, after].map((one) => mostBits(one.leak().total));
  const moves = old === now
    ? `stays at ${formatBits(old!)}`
    : `goes from ${formatBits(old!)} to ${formatBits(now!)}`;
  return `The leak bound ${moves} bits in any hour.`;
}
