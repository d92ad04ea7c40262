/** A proposal as TOML: rules with what was seen of them, and the rest as comments. */

import { formatWhole, many } from "../system/mod.ts";
import { typeName } from "../wire/mod.ts";
import { type Facts, factsOf, formatFacts } from "./facts.ts";
import { DEFAULT_TYPES } from "./measures.ts";
import type { ExactRule, Proposal, WildcardRule } from "./proposal.ts";
import type { Suffixes } from "./suffixes.ts";
import type { Seen, Tally } from "./tally.ts";
import { writeApart } from "./write_apart.ts";

/** How many lines of logs there were. */
export interface LineCounts {
  readonly lines: number;
  /** Of known logs, but without a look-up of something that no rule lists. */
  readonly other: number;
  /** Of no known log. */
  readonly unknown: number;
}

/** How far to the right a comment behind a name may begin. */
const FARTHEST = 48;

/** The proposal, a line at a time. Fit for a policy, between its keys of no table and its first table. */
export function* writeProposal(
  proposal: Proposal,
  tally: Tally,
  counts: LineCounts,
  suffixes: Suffixes,
): Generator<string> {
  const most = tally.bounds.clients;
  yield* writeHead(proposal, tally, counts);
  const plain = proposal.exact.filter(hasDefaultTypes);
  if (plain.length > 0) yield* writeAllow(plain.map(({ seen }) => seen), suffixes, most);
  for (const { seen, types } of proposal.exact.filter((rule) => !hasDefaultTypes(rule))) {
    yield "";
    yield `# ${formatFacts(factsOf([seen], most))}${hint(seen.name, suffixes)}`;
    yield "[[rule]]";
    yield `name = ${JSON.stringify(seen.name)}`;
    yield typesLine(types);
  }
  for (const wildcard of proposal.wildcards) yield* writeWildcard(wildcard, most);
  yield* writeApart(proposal.apart, tally);
}

function* writeHead(proposal: Proposal, tally: Tally, counts: LineCounts): Generator<string> {
  const { lines, other, unknown } = counts;
  const facts = factsOf([...tally.names.values()], tally.bounds.clients);
  const rules = proposal.exact.length + proposal.wildcards.length;
  yield `# Proposed by fw-dns learn: ${many(rules, "rule")}, from ${many(lines, "line")} of logs.`;
  yield `# Names asked for: ${formatWhole(tally.names.size)}; ${formatFacts(facts)}.`;
  yield `# Lines without a look-up to allow: ${formatWhole(other)}; of no log that is known: ${
    formatWhole(unknown)
  }.`;
  if (proposal.known > 0) {
    yield `# Left out, because the policy allows them already: ${many(proposal.known, "name")}.`;
  }
  yield* writeLimits(tally);
  yield "#";
  yield "# Read it before you take it: whatever was asked for is in it, wanted or not. It goes into a policy just";
  yield "# before its first [table], below mode, unlisted and the like; where that has an allow already, put the";
  yield "# names there. fw-dns check then says whether it is good, fw-dns audit how much can get out through it.";
}

/** What the proposal does not know of. */
function* writeLimits({ left, nameless, bounds, overflows }: Tally): Generator<string> {
  if (left > 0) {
    yield `# Not seen: ${many(left, "look-up")} of names beyond the first ${
      formatWhole(bounds.names)
    }.`;
  }
  if (nameless > 0) {
    yield `# Not seen: ${many(nameless, "look-up")} whose name the log does not show.`;
  }
  for (const { domain, lookUps } of [...overflows.values()].slice(0, 20)) {
    yield `# Not seen: ${many(lookUps, "look-up")} of names below ${domain} beyond the first ${
      formatWhole(bounds.below)
    }.`;
  }
}

function* writeAllow(
  names: readonly Seen[],
  suffixes: Suffixes,
  most: number,
): Generator<string> {
  const quoted = names.map(({ name }) => `${JSON.stringify(name)},`);
  const width = Math.min(FARTHEST, Math.max(...quoted.map(({ length }) => length)));
  yield "";
  yield "allow = [";
  for (const [i, seen] of names.entries()) {
    const facts = formatFacts(factsOf([seen], most));
    yield `  ${quoted[i]!.padEnd(width)} # ${facts}${hint(seen.name, suffixes)}`;
  }
  yield "]";
}

function* writeWildcard(
  { base, labels, types, names, count }: WildcardRule,
  most: number,
): Generator<string> {
  const facts: Facts = factsOf(names, most);
  const some = names.slice(0, 3).map(({ name }) => name.slice(0, -base.length - 1)).join(", ");
  yield "";
  yield `# ${many(names.length, "name")} asked for: ${some}${names.length > 3 ? ", …" : ""}; ${
    formatFacts(facts)
  }.`;
  yield `# It lets through ${formatCount(count)}, and clients choose which of them.`;
  yield "[[rule]]";
  yield `name = ${JSON.stringify(`*.${base}`)}`;
  yield `labels = ${JSON.stringify(labels)}`;
  if (!isDefault(types)) yield typesLine(types);
}

function formatCount(count: bigint): string {
  if (count < 1_000_000n) return many(Number(count), "name");
  return `2^${Math.log2(Number(count)).toFixed(1)} names`;
}

function hasDefaultTypes({ types }: ExactRule): boolean {
  return isDefault(types);
}

/** Whether a rule that names no types has all of these, and may have them. */
function isDefault(types: readonly number[]): boolean {
  return types.every((type) => DEFAULT_TYPES.includes(type));
}

function typesLine(types: readonly number[]): string {
  return `types = [${types.map((type) => JSON.stringify(typeName(type))).join(", ")}]`;
}

/** Names that the Internet does not have are those of a network's own. */
function hint(name: string, suffixes: Suffixes): string {
  return suffixes.isPublic(name) ? "" : "; internal? then it needs private = true";
}
