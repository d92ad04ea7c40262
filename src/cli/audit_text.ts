/** The report of `fw-dns audit` for people. */

import { count } from "../observe/mod.ts";
import {
  formatBits,
  formatDuration,
  type LeakReport,
  learnCaps,
  openForwarderBits,
  type Policy,
  type RuleLeak,
  type WatcherBits,
} from "../policy/mod.ts";
import { formatWhole, many } from "../system/mod.ts";
import type { Style } from "./console.ts";

type Row = readonly string[];

/** The whole report, with the line's end after each line. */
export function formatAudit(
  file: string,
  policy: Policy,
  report: LeakReport,
  style: Style,
): string {
  const [head, ...rows] = alignTable(tableRows(policy, report));
  const lines = [
    `The most bits that clients can get out in any one hour, by ${file}`,
    "",
    style.bold(head!),
    ...rows,
    "",
    ...explainWatchers(report),
    "",
    ...compare(),
    "",
    ...explainLearning(policy, report),
    ...explainAssumptions(policy),
    ...listSavings(report),
  ];
  return `${lines.join("\n")}\n`;
}

function tableRows(policy: Policy, report: LeakReport): Row[] {
  const rules = report.rules.map((rule): Row => [
    rule.name,
    rule.hasExpired ? "expired" : rule.mode,
    countWords(rule),
    ...cells(rule.bits),
  ]);
  const total = (what: string, bits: WatcherBits, note = ""): Row => [
    what,
    "",
    note,
    ...cells(bits),
  ];
  const perHour = `${formatWhole(policy.budget.wildcardsPerHour)} an hour`;
  const hasWildcards = report.rules.some(({ isWildcard }) => isWildcard);
  return [
    ["rule", "mode", "pairs or names", "O1", "O2", "O3"],
    ...rules,
    ...(hasWildcards ? [total("all wildcards", report.wildcards, perHour)] : []),
    ...learnRow(policy, report),
    total("in all", report.total),
    total("each restart adds at most", report.restart),
  ];
}

function learnRow({ learn }: Policy, { learned }: LeakReport): Row[] {
  if (learn === undefined || learned === undefined) return [];
  const hasEnded = learned.o3 === 0;
  const { names, repeatsPerHour } = learnCaps(learn);
  const most = `${formatWhole(names)} new a day, ${formatWhole(repeatsPerHour)} more an hour`;
  return [["[learn]", hasEnded ? "ended" : "forward", hasEnded ? "" : most, ...cells(learned)]];
}

function cells({ o1, o2, o3 }: WatcherBits): string[] {
  return [o1, o2, o3].map(formatBits);
}

/** Exact names have pairs of a name and a type; a wildcard has names, often more than anyone could read. */
function countWords({ isWildcard, names, types }: RuleLeak): string {
  const pairs = Number(names) * types;
  if (!isWildcard) return many(pairs, "pair");
  const power = names.toString(2).length - 1;
  const readable = power < 40 ? formatWhole(Number(names)) : `more than 2^${power}`;
  return `${readable} ${names === 1n ? "name" : "names"}, ${count(types, "type")}`;
}

/** Words to the left, figures to the right. */
function alignTable(rows: readonly Row[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) =>
      column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    ).join("  ")
  );
}

function explainWatchers(report: LeakReport): string[] {
  const hermetic = report.rules.some(({ mode, hasExpired }) => mode === "hermetic" && !hasExpired);
  return [
    "O1 runs the zone of an allowed name (in all: of every allowed name).",
    "O2 is an outsider who shares the upstream resolver's cache.",
    "O3 is the upstream's operator, or anyone on the path to it.",
    "One bound holds for the three, and for all of them together: O1 and O2 see no more than O3,",
    "and at worst as much.",
    ...(hermetic
      ? [
        "",
        `${report.isHermetic ? "All rules are" : "Some rules are"} hermetic: 0 content bits. ` +
        "Clients cause no question there; what timing is left is",
        "measured in docs/timing.md.",
      ]
      : []),
  ];
}

function compare(): string[] {
  return [
    "An open forwarder lets a client choose the whole name of each query: about " +
    `${formatWhole(openForwarderBits())} bits`,
    "in the name alone, in every query, without limit. The leak test in docs/leak.md measures more.",
  ];
}

function explainLearning({ learn }: Policy, { learned }: LeakReport): string[] {
  if (learn === undefined || learned === undefined || learned.o3 === 0) return [];
  const { names, namesPerDomain } = learnCaps(learn);
  return [
    `[learn] lets clients choose ${formatWhole(names)} new names a day until ` +
    `${new Date(learn.until).toISOString()}, all of them in one hour`,
    `if they like, ${
      formatWhole(namesPerDomain)
    } to who runs one domain; O1 may run many domains. ` +
    "What is counted as new is",
    "forgotten when fw-dns is started again, but not when it reloads.",
    "",
  ];
}

function explainAssumptions({ query }: Policy): string[] {
  return [
    "This holds as long as",
    "- the table is fixed: clients choose among its names and types, and write no byte themselves;",
    "- a pair starts one emission in its floor (min_ttl) at most, answered or not, for a client or as",
    "  a refresh, and wildcards no more than wildcards_per_hour in all;",
    `- emissions start on ticks of ${
      formatDuration(query.tick)
    }, in an order that clients do not choose;`,
    "  how late a busy host lets them out, or what follows from answers, is timing, and measured",
    "  in docs/timing.md;",
    "- fw-dns is not started again in that hour, and clients cannot choose when it is; a name that",
    "  a reload takes out of the policy, and a later one puts back, is as good as started again;",
    "- nobody on this host is root, and nothing gets out past fw-dns;",
    "- questions over TCP leave from ports that fw-dns draws, and those over TLS from Deno 2.9 on;",
    "- no process on this host floods the UDP sockets from which fw-dns asks: answers would be",
    "  lost, and tries repeated. The rules of fw-dns lockdown --to nft keep everyone from them, and",
    '  an upstream with transport = "tcp" or "tls" has no such sockets.',
    "The upstream's answers may be anything, and watchers may work together with clients.",
  ];
}

function listSavings({ savings }: LeakReport): string[] {
  if (savings.length === 0) return [];
  const rows = savings.map(({ change, saves }) => [`\u2212${formatBits(saves)}`, change] as const);
  const width = Math.max(...rows.map(([saves]) => saves.length));
  return [
    "",
    "What lowers it most, each by itself:",
    ...rows.map(([saves, change]) => `  ${saves.padStart(width)}  ${change}`),
  ];
}
