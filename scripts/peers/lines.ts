/** Classes of questions as lines of a table, and those that have no reason. */

import type { Group, Leak, Outcome } from "./outcome.ts";
import { explain } from "./reasons.ts";

interface Line {
  readonly cells: readonly string[];
  readonly why: string;
  count: number;
  readonly example: string;
  readonly policies: Set<string>;
}

/** Verdicts that differ, of all policies together: cells of a table. */
export function mergeGroups(outcomes: readonly Outcome[]): string[][] {
  return merge(outcomes, ({ peer, groups, declared }) =>
    groups.map((group) => ({
      cells: [
        describeClass(group),
        group.ours,
        `${group.theirs}${group.standing === "laxer" ? " (**laxer**)" : ""}`,
      ],
      why: explain(peer, group, declared) ?? UNKNOWN,
      ...group,
    })));
}

/** What reached the upstream, likewise. */
export function mergeLeaks(outcomes: readonly Outcome[]): string[][] {
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
