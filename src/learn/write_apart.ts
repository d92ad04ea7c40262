/** What is set apart from a proposal, as comments, each kind with why and what to do. */

import { formatWhole, many } from "../system/mod.ts";
import { typeName } from "../wire/mod.ts";
import { factsOf, formatFacts } from "./facts.ts";
import type { Apart, ApartKind } from "./proposal.ts";
import type { Tally } from "./tally.ts";

/** The kinds in their order, with what is said of each; those that may be an attack come first. */
const KINDS: Readonly<Record<ApartKind, readonly string[]>> = {
  carries: [
    "What may carry data out: a tunnel, or names made by chance. Find out which program asks for them.",
  ],
  many: ["Very many names below one domain. A program that does that needs a look, or a wildcard."],
  types: [
    "Types that few programs ask for and tunnels do. Where one is needed: a [[rule]] with types.",
  ],
  denied: ["A [[test]] of the policy says that these are denied."],
  unwritable: [
    "Not letters, digits, - and _ alone, so no rule can hold them. Some tunnels do that.",
  ],
  listed: [
    "A policy has a rule for these, but not for what was asked. Where it is needed, change that rule:",
    "its types, its labels or its expires.",
  ],
  leftover: [
    "Left over from a search list: the name itself was asked for too. Programs do without them.",
  ],
  single: [
    "Names of one label. Programs need what a search list puts behind them, and ask for that as well.",
  ],
  reverse: [
    "Look-ups of addresses. Whoever holds an address answers for it; programs want them for their logs.",
  ],
  local: [".local is for multicast DNS, which this is not."],
  special: ["fw-dns answers these itself, or no server has them. They need no rule."],
};

/** Names of one kind, and examples of one entry, that are written. */
const MOST_ENTRIES = 200;
const MOST_EXAMPLES = 3;

/** How much of a name is written. */
const LONGEST_NAME = 100;

/** All that is set apart. */
export function* writeApart(all: readonly Apart[], tally: Tally): Generator<string> {
  if (all.length === 0) return;
  yield "";
  yield "# Set apart. Nothing below is proposed.";
  for (const [kind, words] of Object.entries(KINDS)) {
    const entries = all.filter((apart) => apart.kind === kind);
    if (entries.length === 0) continue;
    yield "#";
    for (const line of words) yield `# ${line}`;
    for (const entry of entries.slice(0, MOST_ENTRIES)) yield* writeEntry(entry, tally);
    const more = entries.length - MOST_ENTRIES;
    if (more > 0) yield `#   and ${formatWhole(more)} more`;
  }
}

function* writeEntry(entry: Apart, { bounds }: Tally): Generator<string> {
  const { names, title, reason, types } = entry;
  const facts = factsOf(names, bounds.clients);
  const asked = types === undefined ? "" : ` ${types.map(typeName).join(", ")}`;
  const why = reason === "" ? "" : `: ${reason}`;
  if (names.length === 1 && names[0]!.name === title) {
    yield `#   ${quoted(title)}${asked}  # ${formatFacts(facts)}${why}`;
    return;
  }
  yield `#   ${title}${asked}: ${many(names.length, "name")}, ${formatFacts(facts, true)}${why}`;
  for (const { name } of names.slice(0, MOST_EXAMPLES)) yield `#     ${quoted(name)}`;
  const more = names.length - MOST_EXAMPLES;
  if (more > 0) yield `#     and ${formatWhole(more)} more`;
}

function quoted(name: string): string {
  return `"${name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name}"`;
}
