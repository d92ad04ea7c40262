/** The results as a Markdown document. */

import type { Case } from "./cases.ts";
import type { Stub } from "./resolvers.ts";
import type { Measurement } from "./room.ts";

/** The runs of one stub in one case. */
export interface Row {
  readonly stub: Stub;
  readonly one: Case;
  readonly runs: readonly Measurement[];
}

/** What the numbers depend on. */
export interface Setting {
  readonly date: string;
  readonly machine: string;
  /** Each program and its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Stubs that could not be measured, and why. */
  readonly missing: readonly string[];
}

/** The whole document. */
export function formatDocument(rows: readonly Row[], setting: Setting): string {
  const versions = Object.entries(setting.versions).map(([name, text]) => `- ${name}: ${text}`);
  return `# Stub resolvers in front of fw-dns

What programs make of fw-dns's answers, and of its silence. \`scripts/stubs.ts\` wrote this on
${setting.date}, on ${setting.machine}. To measure again, as root on Debian:

    apt-get install -y musl-tools iproute2 util-linux systemd-resolved
    deno run -A scripts/stubs.ts

It also needs Node.js. Do that on a machine that may be changed: installing systemd-resolved replaces
/etc/resolv.conf, and the modules that come with it change the hosts line of /etc/nsswitch.conf. The
script itself leaves /etc and /run alone.

${versions.join("\n")}

${[...HOW, ...setting.missing].join("\n")}

${formatTable(rows)}

${describeSilence(rows)}
`;
}

const HOW = [
  "Each run has network, mount and PID namespaces of its own. There, fw-dns listens on 127.0.0.1:53,",
  "its upstream on 127.0.0.1:5353, the host has an IPv4 and an IPv6 address, and resolv.conf names one",
  "server, with no options where the case shows none.",
  "",
  "- Result: what the stub told its user, in the stub's own words where it was no answer. getent has the",
  "  same exit status for a name that does not exist and for a temporary failure; dns.lookup tells them",
  "  apart (ENOTFOUND, EAI_AGAIN).",
  "- Time: from the question to that result, in seconds; the median of three runs, and all three where",
  "  they differ by more than 0.1 s.",
  "- Questions: how many for that name reached fw-dns in the median run, repeats and both types together.",
  "- Slowest reply: the longest that fw-dns took, by its own log, in the slowest of the three runs.",
];

function formatTable(rows: readonly Row[]): string {
  const lines = rows.map(({ stub, one, runs }) => {
    const middle = median(runs);
    const cells = [
      stub.title,
      one.title,
      describeResult(runs, middle),
      describeTime(runs, middle),
      middle.questions,
      describeSlowest(runs),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| Stub | Case | Result | Time (s) | Questions | Slowest reply (s) |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

/** The run in the middle, by time. */
function median(runs: readonly Measurement[]): Measurement {
  return runs.toSorted((a, b) => a.ms - b.ms)[Math.floor(runs.length / 2)]!;
}

function describeResult(runs: readonly Measurement[], middle: Measurement): string {
  const others = new Set(runs.map(({ result }) => result).filter((one) => one !== middle.result));
  return [middle.result, ...others].join("; in another run: ");
}

function describeTime(runs: readonly Measurement[], middle: Measurement): string {
  const times = runs.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const isSteady = times.at(-1)! - times[0]! <= 100;
  return isSteady ? seconds(middle.ms) : `${seconds(middle.ms)} (${times.map(seconds).join(", ")})`;
}

function slowest(runs: readonly Measurement[]): number | undefined {
  const times = runs.map(({ slowestReply }) => slowestReply).filter((ms) => ms !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

function describeSlowest(runs: readonly Measurement[]): string {
  const ms = slowest(runs);
  return ms === undefined ? "none sent" : seconds(ms);
}

/** The one promise about time: a client hears something even where the upstream says nothing. */
function describeSilence(rows: readonly Row[]): string {
  const silent = rows.filter(({ one }) => one.upstream === "silent");
  const ms = slowest(silent.flatMap(({ runs }) => runs));
  const time = ms === undefined ? "never came" : `took ${(ms / 1000).toFixed(2)} s`;
  return `While the upstream was silent, the slowest reply of fw-dns ${time}, by its own log. A stub that takes
longer has asked again, or goes on waiting, after SERVFAIL.`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
