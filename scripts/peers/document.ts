/** The outcomes as a Markdown document. */

import { formatNumber, formatRow, mergeGroups, mergeLeaks } from "./lines.ts";
import type { Group, Outcome } from "./outcome.ts";
import { POLICIES } from "./policies.ts";

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

const READING = `## How to read it

- **PowerDNS Recursor** and **dnsdist** can say all that these policies say. What differs is how they take what is no plain
  query; of such a query no more than the name and the type goes upstream, and only where the policy lists both.
- The others cannot say all of it: \`fw-dns export\` refuses such a policy, and names each rule that is concerned.
  Here it was told \`--approximate\`, so that what then gets through is counted: _laxer_ and _leaked_ are the price of that,
  by reason. With exact names alone (**exact**) it is paid for types and for nothing else.`;

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
${machine}.${effort} Again, as root on Linux (Debian: pdns-recursor dnsdist unbound python3-unbound
bind9 knot-resolver dnsmasq iproute2):

    deno task peers

${formatTable(outcomes)}

${POLICIES.map(({ id, about }) => `- **${id}**: ${about}`).join("\n")}
${missing.length === 0 ? "" : `\nNot here, and so not asked: ${missing.join(", ")}.\n`}
${READING}
- ${formatAstray(outcomes)}

${METHOD}

${
    peers.map((peer) =>
      formatPeer(peer, versions[peer] ?? "", outcomes.filter((one) => one.peer === peer))
    )
      .join("\n\n")
  }
`;
}

/** Names with such marks alone are near no rule. */
const FAR: ReadonlySet<string> = new Set(["root", "reserved"]);

/** Whether anything of a name came upstream that no rule has to do with. */
function formatAstray(outcomes: readonly Outcome[]): string {
  const found = outcomes.flatMap(({ peer, leaks }) =>
    leaks.filter(({ kind, marks }) => kind === "deny" && marks.every((mark) => FAR.has(mark)))
      .map(({ edge, marks }) => `${peer} (${marks.includes("root") ? "the root" : edge})`)
  );
  const what = "Of names that no rule has to do with,";
  if (found.length === 0) return `${what} none reached the upstream, with any of them.`;
  return `${what} these reached the upstream: ${[...new Set(found)].join(", ")}.`;
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
      ["why", "the question", "fw-dns", "it", "how many", "what was asked", "for example"],
      Array(7).fill("---"),
      ...groups,
    ].map(formatRow).join("\n"),
    ...(leaks.length === 0 ? [] : [
      "What reached the upstream and may not:",
      [
        ["why", "the question", "how many", "what was asked", "for example"],
        Array(5).fill("---"),
        ...leaks,
      ].map(formatRow)
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
