/** The results as a Markdown document. */

import { SYSTEM_PORTS } from "./clients.ts";
import { PRODUCTS } from "./products.ts";
import { repeatBits, REPEATS, type Result, type Shown, steeringBits, totalBits } from "./result.ts";
import { STEERING_NAMES, TCP_PORTS } from "./steer.ts";

/** What the numbers depend on. */
export interface Setting {
  readonly date: string;
  readonly machine: string;
  /** Each product and its version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Products that are not here. */
  readonly missing: readonly string[];
}

const PORTS = SYSTEM_PORTS.count;

const METHOD = `## How it is measured

- Each product runs in network, mount and PID namespaces of its own. The upstream is a part of the script; it answers
  everything with a TTL of 0 and keeps every message with its port. No name is asked for twice, so no cache helps.
- Queries of a channel differ in that channel alone, and what is in it is random. A planted bit counts where some
  bit upstream follows it over all queries, as it is or turned round. For small fields also the binary logarithm of how
  many different messages came counts, apart from what a product varies by itself while all clients ask alike.
- Whether anything comes at all does not count: a program that may ask can also not ask. Nor does it count which of
  the listed names is asked for, nor when. [timing.md](timing.md) says what is left of that in hermetic mode.
- The total counts small channels in full, and of those that share the room in a message only the largest: up to
  4,000 bytes over UDP. Over TCP more would fit, and some products show more of a query there.
- The port: the system gives out ${PORTS} ports, and a neighbour takes all UDP ports from 1024 on but one of them, after
  the product has started. A question that leaves from that one has told log₂(${PORTS}) = ${
  Math.log2(PORTS)
} bits.
- In hermetic mode questions leave on a plan of their own. Compared are those that followed the clients' queries, in
  one round through the whole policy.
- tcpdump is the witness: it counted the packets to the upstream, and any to elsewhere. Where it
  saw more than the upstream kept, the upstream was too slow for a burst.
- "0 of 30" while a neighbour held the ports: nothing left at all, so nothing was told by a port.`;

/** The whole document. */
export function formatDocument(all: readonly Result[], setting: Setting): string {
  const exports = all.filter(({ title }) => productOf(title).isExport);
  const results = all.filter((one) => !exports.includes(one));
  const { date, machine, versions, missing } = setting;
  return `# What clients can say upstream

How many bits that a client chose can be read in what goes upstream, for one query for an allowed name. Real packets
of real programs, each with its usual recipe for "only this zone". Measured on ${date}, on ${machine}.
Again, as root on Linux (Debian: unbound python3-unbound dnsmasq dnsdist pdns-recursor
knot-resolver bind9 tcpdump iproute2):

    deno task leak

${formatTable(results)}

${formatNotes(results)}
${exports.length === 0 ? "" : `\n${formatExports(results, exports)}\n`}
${METHOD}

## What was measured

${
    PRODUCTS.filter(({ title }) => versions[title] !== undefined).map(formatRecipe(versions)).join(
      "\n",
    )
  }${missing.length === 0 ? "" : `\nNot here, and so not measured: ${missing.join(", ")}.\n`}`;
}

function formatTable(results: readonly Result[]): string {
  const lines: readonly (readonly string[])[] = [
    ["bits of", "planted", ...results.map(({ title }) => title)],
    results.map(() => "---").concat("---", "---"),
    ...results[0]!.channels.map((one, i) =>
      channelRow(one, results.map((each) => each.channels[i]!))
    ),
    [
      "how often it is repeated",
      count(Math.log2(REPEATS.at(-1)!)),
      ...results.map(repeatBits).map(count),
    ],
    [
      "the port that a neighbour left",
      count(Math.log2(PORTS)),
      ...results.map(({ udp }) => count(steeringBits(udp, PORTS))),
    ],
    ["**one query, in all**", "", ...results.map((one) => `**${count(totalBits(one, PORTS))}**`)],
    ...countRows(results),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function countRows(results: readonly Result[]): string[][] {
  return [
    ...REPEATS.map((sent, i) => [
      `questions upstream for ${count(sent)} equal queries`,
      "",
      ...results.map(({ repeats }) => count(repeats[i]!.came)),
    ]),
    [
      "questions that left while a neighbour held the ports",
      "",
      ...results.map(({ udp }) =>
        `${count(udp.questions)}${udp.questions > udp.asked ? "" : ` of ${udp.asked}`}`
      ),
    ],
    ["most messages upstream for one query", "", ...results.map(({ most }) => count(most))],
    [
      "packets to elsewhere",
      "",
      ...results.map(({ captured }) => count(captured.elsewhere.length)),
    ],
    [
      "datagrams to the upstream: kept / by tcpdump",
      "",
      ...results.map(({ logged, captured }) => `${count(logged)} / ${count(captured.toUpstream)}`),
    ],
  ];
}

function productOf(title: string): (typeof PRODUCTS)[number] {
  return PRODUCTS.find((one) => one.title === title)!;
}

/** Plain recipe, our export and fw-dns side by side. */
function formatExports(results: readonly Result[], exports: readonly Result[]): string {
  const ours = results.find(({ title }) => title.startsWith("fw-dns (forward"));
  const pairs = exports.map((one) => ({
    one,
    plain: results.find(({ title }) => title === productOf(one.title).plain),
  }));
  const row = (what: string, bits: (result: Result) => number): string[] => [
    what,
    ours === undefined ? "" : count(bits(ours)),
    ...pairs.map(({ one, plain }) => `${plain ? count(bits(plain)) : "-"} → ${count(bits(one))}`),
  ];
  const lines = [
    ["bits of", "fw-dns", ...exports.map(({ title }) => title.replace(/, our export$/, ""))],
    ["---", "---", ...exports.map(() => "---")],
    ...exports[0]!.channels.map(({ channel }, i) =>
      row(channel, ({ channels }) => channels[i]!.bits)
    ),
    row("how often it is repeated", repeatBits),
    row("the port that a neighbour left", ({ udp }) => steeringBits(udp, PORTS)),
    row("**one query, in all**", (one) => totalBits(one, PORTS)),
    row("packets to elsewhere", ({ captured }) => captured.elsewhere.length),
  ];
  return `## The same servers with our export

What \`fw-dns export\` writes for them, of the policy that fw-dns was measured with. Before the arrow: with the usual
recipe, as above (\`-\`: not measured); behind it: with the export.

${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}`;
}

function channelRow({ channel, planted }: Shown, shown: readonly Shown[]): string[] {
  return [channel, count(planted), ...shown.map(({ bits }) => count(bits))];
}

/** With one digit after the point where it is not whole. */
function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

function formatNotes(results: readonly Result[]): string {
  const isOurs = ({ title }: Result): boolean => title.startsWith("fw-dns");
  const noise = results.filter(isOurs).map(({ title, noise }) =>
    `- While all clients ask alike, ${title} varies: ${
      noise.join(", ")
    }. Nothing else differed in any of its messages.`
  );
  const tcp = results.flatMap(({ tcp }) => tcp ?? []).map(({ hits }) =>
    `- After truncated answers fw-dns asks over TCP, from one of ${TCP_PORTS.count} ports that it draws. A neighbour held all of them
  but one, and the upstream hung up after each answer: of ${STEERING_NAMES.tcp} questions ${hits} left from that one. By chance it is one in ${TCP_PORTS.count} of the tries, at most five a
  question ([why](decisions/port-pool.md)); that is not in the total.`
  );
  const caused = results.filter(({ title }) => title.includes("hermetic")).map((
    { title, caused },
  ) =>
    `- ${title}: ${caused} questions came upstream while the clients tried all this; what came afterwards was its own next round.`
  );
  const elsewhere = results.filter(({ captured }) => captured.elsewhere.length > 0).map((
    { title, captured },
  ) => `- ${title} also wrote to others, such as \`${captured.elsewhere[0]!.trim()}\`.`);
  return [...noise, ...caused, ...tcp, ...elsewhere].join("\n");
}

function formatRecipe(versions: Setting["versions"]): (one: (typeof PRODUCTS)[number]) => string {
  return ({ title, recipe }) =>
    `### ${title}${
      versions[title] ? `, ${versions[title]}` : ""
    }\n\n\`\`\`\n${recipe.trim()}\n\`\`\`\n`;
}
