/** Classes of questions as lines of a table, and those that have no reason. */

import type { Group, Leak, Outcome } from "./outcome.ts";
import { explain } from "./reasons.ts";

/** What is said the same of, whichever questions it was: one row of a table. */
interface Line {
  /** What comes before the number. */
  readonly cells: readonly string[];
  readonly why: string;
  count: number;
  readonly example: string;
  /** What the questions were at the edge of. */
  readonly edges: Set<string>;
  readonly policies: Set<string>;
}

/** One class that differs, before it is put together with others. */
type Piece = Pick<Line, "cells" | "why" | "count" | "example"> & Pick<Group, "edge">;

/** Verdicts that differ, of all policies together: rows of a table, those that differ most first. */
export function mergeGroups(outcomes: readonly Outcome[]): string[][] {
  return merge(outcomes, ({ peer, groups, declared }) =>
    groups.map((group) => ({
      ...group,
      cells: [
        KINDS[group.kind],
        `${group.ours} → ${group.theirs}${group.standing === "laxer" ? " (**laxer**)" : ""}`,
      ],
      why: explain(peer, group, declared) ?? UNKNOWN,
    })));
}

/** What reached the upstream, likewise. */
export function mergeLeaks(outcomes: readonly Outcome[]): string[][] {
  return merge(outcomes, ({ peer, leaks, declared }) =>
    leaks.map((leak) => ({
      ...leak,
      cells: [KINDS[leak.kind]],
      why: explain(peer, leak, declared) ?? UNKNOWN,
    })));
}

function merge(
  outcomes: readonly Outcome[],
  piecesOf: (outcome: Outcome) => readonly Piece[],
): string[][] {
  const lines = new Map<string, Line>();
  for (const outcome of outcomes) {
    for (const { cells, why, count, example, edge } of piecesOf(outcome)) {
      const key = [...cells, why].join("\n");
      const line = lines.get(key) ??
        { cells, why, count: 0, example, edges: new Set<string>(), policies: new Set<string>() };
      lines.set(key, line);
      line.count += count;
      line.edges.add(edge);
      line.policies.add(outcome.policy);
    }
  }
  return [...lines.values()].sort((a, b) => a.why.localeCompare(b.why) || b.count - a.count)
    .map(({ cells, why, count, example, edges, policies }) => [
      why,
      ...cells,
      `${formatNumber(count)} (${[...policies].join(", ")})`,
      formatEdges([...edges]),
      `\`${example}\``,
    ]);
}

/** How many edges a row tells. */
const MOST_EDGES = 4;

function formatEdges(edges: readonly string[]): string {
  const some = edges.slice(0, MOST_EDGES).join("; ");
  return edges.length > MOST_EDGES ? `${some}; ${edges.length - MOST_EDGES} more` : some;
}

const UNKNOWN = "**unknown**";

const KINDS: Readonly<Record<Group["kind"], string>> = {
  allow: "a listed type",
  type: "another type",
  special: "answered here",
  deny: "not listed",
  malformed: "no plain query",
};

function describeClass({ edge, kind }: Group | Leak): string {
  return `${edge}, ${KINDS[kind]}`;
}

/** A row of a table. */
export function formatRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** A number with commas. */
export function formatNumber(value: number): string {
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
