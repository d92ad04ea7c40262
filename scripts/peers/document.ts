/** The outcomes as a Markdown document. */

import type { Group, Leak, Outcome } from "./outcome.ts";
import { POLICIES } from "./policies.ts";
import { explain } from "./reasons.ts";

/** What the outcomes depend on. */
export interface Setting {
  readonly date: string;
  readonly machine: string;
  /** Each peer and its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Peers that are not here. */
  readonly missing: readonly string[];
  readonly isQuick: boolean;
}

const METHOD = `## How it is measured

- Each peer runs what \`fw-dns export --approximate\` writes for it, and fw-dns the policy itself; each has an upstream of
  its own, a part of the script that has the same answers for both and keeps every question. All is in network
  namespaces of its own, with a way out that leads nowhere.
- The questions are made from the policy: for each rule the names that it lets through and those just beside, in other
  letter case, with types that it lists and does not; special names; odd shapes of packets, for a listed name and
  another one; and the packets of \`tests/corpus\`.
- Compared is what a client hears: the addresses, or how many other records; or NODATA, NXDOMAIN, REFUSED, SERVFAIL, another error,
  or nothing. Nothing means that twice no reply came, although a later question of the same client was answered each time; such
  a difference is asked for once more before it counts. What came truncated is asked for again over TCP.
- _Stricter_: the peer gives less data than fw-dns. _Laxer_: it gives data that fw-dns does not. _Other words_: neither
  gives any, but they say so in other words. _Leaked_: questions that reached the upstream and may not. _Elsewhere_: packets for
  anyone but the upstream.
- Reasons with a colon are the exporter's own words: without \`--approximate\` it refuses such a policy. The others are
  known of the server, whatever its configuration. Where there is no reason, the script fails.`;

/** The whole document. */
export function formatDocument(outcomes: readonly Outcome[], setting: Setting): string {
  const { date, machine, versions, missing, isQuick } = setting;
  const peers = [...new Set(outcomes.map(({ peer }) => peer))];
  const effort = isQuick ? " A quick run: fewer types, fewer questions over TCP." : "";
  return `# The same policy in other servers

What \`fw-dns export\` writes, run by the real server and asked the same questions as fw-dns. Written on ${date}, on
${machine}.${effort} Again, as root on Linux (Debian: pdns-recursor dnsdist unbound bind9 knot-resolver dnsmasq iproute2):

    deno task peers

${formatTable(outcomes)}

${POLICIES.map(({ id, about }) => `- **${id}**: ${about}`).join("\n")}
${missing.length === 0 ? "" : `\nNot here, and so not asked: ${missing.join(", ")}.\n`}
${METHOD}

${
    peers.map((peer) =>
      formatPeer(peer, versions[peer] ?? "", outcomes.filter((one) => one.peer === peer))
    )
      .join("\n\n")
  }
`;
}

function formatTable(outcomes: readonly Outcome[]): string {
  const head = [
    ...["server", "policy", "questions", "same verdict", "stricter", "laxer", "other words"],
    ...["leaked", "elsewhere"],
  ];
  const rows = outcomes.map((one) => {
    if (one.failure !== undefined) return [one.peer, one.policy, ...Array(7).fill("—")];
    const { asked, same, groups, leaks, elsewhere } = one;
    const sum = (standing: Group["standing"]): number =>
      groups.filter((group) => group.standing === standing).reduce(
        (all, { count }) => all + count,
        0,
      );
    const leaked = leaks.reduce((all, { count }) => all + count, 0);
    const numbers = [
      asked,
      same,
      sum("stricter"),
      sum("laxer"),
      sum("otherwise"),
      leaked,
      elsewhere,
    ];
    return [one.peer, one.policy, ...numbers.map(formatNumber)];
  });
  return [head, head.map(() => "---"), ...rows].map(formatRow).join("\n");
}

function formatPeer(peer: string, version: string, outcomes: readonly Outcome[]): string {
  const groups = mergeGroups(outcomes);
  const leaks = mergeLeaks(outcomes);
  const own = [...new Set(outcomes.flatMap((one) => one.own))];
  const failures = outcomes.filter(({ failure }) => failure !== undefined)
    .map(({ policy, failure }) => `Not run with **${policy}**: ${failure}`);
  const parts = [
    `## ${peer}${version && `, ${version}`}`,
    ...failures,
    groups.length === 0 ? "No verdict differs." : [
      ["asked", "fw-dns", "it", "how many", "for example", "why"],
      Array(6).fill("---"),
      ...groups,
    ].map(formatRow).join("\n"),
    ...(leaks.length === 0 ? [] : [
      "What reached the upstream and may not:",
      [["asked", "how many", "for example", "why"], Array(4).fill("---"), ...leaks].map(formatRow)
        .join("\n"),
    ]),
    ...(own.length === 0 ? [] : [formatOwn(own)]),
  ];
  return parts.join("\n\n");
}

/** Enough to see what they are. */
const MOST_OWN = 6;

function formatOwn(own: readonly string[]): string {
  const some = own.slice(0, MOST_OWN).map((one) => `\`${one}\``).join(", ");
  const more = own.length > MOST_OWN ? ` and ${formatNumber(own.length - MOST_OWN)} more` : "";
  return `Of its own accord it asked for ${some}${more} (name and number of the type): listed names, or what lies above.`;
}

interface Line {
  readonly cells: readonly string[];
  readonly why: string;
  count: number;
  readonly example: string;
  readonly policies: Set<string>;
}

function mergeGroups(outcomes: readonly Outcome[]): string[][] {
  return merge(outcomes, ({ peer, groups, declared }) =>
    groups.map((group) => ({
      cells: [
        describeClass(group) + (group.how === "TCP" ? ", over TCP" : ""),
        group.ours,
        `${group.theirs}${group.standing === "laxer" ? " (**laxer**)" : ""}`,
      ],
      why: explain(peer, group, declared) ?? UNKNOWN,
      ...group,
    })));
}

function mergeLeaks(outcomes: readonly Outcome[]): string[][] {
  return merge(outcomes, ({ peer, leaks, declared }) =>
    leaks.map((leak) => ({
      cells: [describeClass(leak)],
      why: explain(peer, leak, declared) ?? UNKNOWN,
      ...leak,
    })));
}

function merge(
  outcomes: readonly Outcome[],
  linesOf: (outcome: Outcome) => readonly Omit<Line, "policies">[],
): string[][] {
  const lines = new Map<string, Line>();
  for (const outcome of outcomes) {
    for (const { cells, why, count, example } of linesOf(outcome)) {
      const key = [...cells, why].join("\n");
      const known = lines.get(key);
      if (known === undefined) {
        lines.set(key, { cells, why, count, example, policies: new Set([outcome.policy]) });
      } else {
        known.count += count;
        known.policies.add(outcome.policy);
      }
    }
  }
  return [...lines.values()].map(({ cells, why, count, example, policies }) => [
    ...cells,
    `${formatNumber(count)} (${[...policies].join(", ")})`,
    `\`${example}\``,
    why,
  ]);
}

const UNKNOWN = "**unknown**";

const KINDS: Readonly<Record<Group["kind"], string>> = {
  allow: "a listed type",
  type: "another type",
  special: "answered here",
  deny: "not listed",
  malformed: "no plain query",
};

function describeClass({ edge, kind, marks }: Group | Leak): string {
  const also = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
  return `${edge}, ${KINDS[kind]}${also}`;
}

function formatRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function formatNumber(value: number): string {
  return value.toLocaleString("en");
}

/** Every class that has no reason, and every run that failed, in words for whoever started the script. */
export function findUnexplained(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ peer, policy, groups, leaks, declared, failure, elsewhere }) => {
    const about = (what: string): string => `${peer}, ${policy}: ${what}`;
    const known = (one: Group | Leak): boolean => explain(peer, one, declared) !== undefined;
    return [
      ...(failure === undefined ? [] : [about(failure)]),
      ...(elsewhere === 0 ? [] : [about(`${elsewhere} packets left for anyone but the upstream`)]),
      ...groups.filter((one) => !known(one)).map((one) =>
        about(
          `${
            describeClass(one)
          }: ${one.ours}, not ${one.theirs} (${one.count}, ${one.example}, ${one.how})`,
        )
      ),
      ...leaks.filter((one) => !known(one)).map((one) =>
        about(`${describeClass(one)}: reached the upstream (${one.count}, ${one.example})`)
      ),
    ];
  });
}
