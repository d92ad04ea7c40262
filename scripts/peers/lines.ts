/** Classes of questions as lines of a table, and those that have no reason. */

import type { Group, Leak, Outcome } from "./outcome.ts";
import { explain } from "./reasons.ts";

/** What is said the same of, whichever questions it was: one row of a table. */
interface Line {
  readonly why: string;
  readonly kind: Group["kind"];
  /** Undefined: it reached the upstream. */
  readonly standing: Group["standing"] | undefined;
  readonly ours: Set<string>;
  readonly theirs: Set<string>;
  count: number;
  readonly example: string;
  /** What the questions were at the edge of. */
  readonly edges: Set<string>;
  readonly policies: Set<string>;
}

/** One class that differs, before it is put together with others. */
type Piece =
  & Pick<Group, "edge" | "kind" | "count" | "example">
  & Partial<Pick<Group, "standing" | "ours" | "theirs">>;

/** Verdicts that differ, of all policies together: rows of a table, those that differ most first. */
export function mergeGroups(outcomes: readonly Outcome[]): string[][] {
  return merge(outcomes, ({ groups }) => groups).map((line) => [
    line.why,
    KINDS[line.kind],
    [...line.ours].join(", "),
    `${[...line.theirs].join(", ")}${line.standing === "laxer" ? " (**laxer**)" : ""}`,
    ...formatRest(line),
  ]);
}

/** What reached the upstream, likewise. */
export function mergeLeaks(outcomes: readonly Outcome[]): string[][] {
  return merge(outcomes, ({ leaks }) => leaks).map((line) => [
    line.why,
    KINDS[line.kind],
    ...formatRest(line),
  ]);
}

function merge(
  outcomes: readonly Outcome[],
  piecesOf: (outcome: Outcome) => readonly (Group | Leak)[],
): Line[] {
  const lines = new Map<string, Line>();
  for (const outcome of outcomes) {
    for (const piece of piecesOf(outcome)) {
      const why = explain(outcome.peer, piece, outcome.declared) ?? UNKNOWN;
      add(lines, why, piece, outcome.policy);
    }
  }
  return [...lines.values()].sort((a, b) => a.why.localeCompare(b.why) || b.count - a.count);
}

function add(lines: Map<string, Line>, why: string, piece: Piece, policy: string): void {
  const { kind, standing, ours, theirs, count, example, edge } = piece;
  const key = [why, kind, standing].join("\n");
  const line = lines.get(key) ?? {
    ...{ why, kind, standing, count: 0, example },
    ...{ ours: new Set(), theirs: new Set(), edges: new Set(), policies: new Set() },
  };
  lines.set(key, line);
  line.count += count;
  line.edges.add(edge);
  line.policies.add(policy);
  if (ours !== undefined) line.ours.add(ours);
  if (theirs !== undefined) line.theirs.add(theirs);
}

function formatRest({ count, policies, edges, example }: Line): string[] {
  return [
    `${formatNumber(count)} (${[...policies].join(", ")})`,
    formatEdges([...edges]),
    `\`${example}\``,
  ];
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
