/** Many names below one, of one pattern: a wildcard that is counted, single names, or a way out. */

import { countNames, parseLabels } from "../policy/mod.ts";
import { parentName } from "../wire/mod.ts";
import { findShapes, type Shape } from "./shape.ts";
import { isOnce, labelOf, MOST_BITS, typesOf, WIDE_BITS } from "./measures.ts";
import type { WildcardRule } from "./proposal.ts";
import type { Seen } from "./tally.ts";

/** How many siblings make a pattern. */
const LEAST = 8;

/** What becomes of the names of one domain. */
export interface Sorted {
  readonly wildcards: readonly WildcardRule[];
  /** Patterns that data could leave through. */
  readonly suspicious: readonly { readonly names: readonly Seen[]; readonly reason: string }[];
  readonly single: readonly Seen[];
}

/** Sorts the names of one registrable domain. A wildcard is never above it: its base is a name's parent within it. */
export function sortSiblings(domain: string, names: readonly Seen[]): Sorted {
  const families = Map.groupBy(
    names.filter(({ name }) => name !== domain),
    ({ name }) => parentName(name)!,
  );
  const wildcards: WildcardRule[] = [];
  const suspicious: { names: readonly Seen[]; reason: string }[] = [];
  const taken = new Set<Seen>();
  for (const [base, family] of families) {
    if (family.length < LEAST) continue;
    const byLabel = new Map(family.map((seen) => [labelOf(seen.name), seen]));
    for (const shape of findShapes([...byLabel.keys()], LEAST)) {
      const members = shape.labels.map((label) => byLabel.get(label)!);
      const judged = judgeShape(base, shape, members);
      if (judged === undefined) continue;
      for (const seen of members) taken.add(seen);
      if (typeof judged === "string") suspicious.push({ names: members, reason: judged });
      else wildcards.push(judged);
    }
  }
  return { wildcards, suspicious, single: names.filter((seen) => !taken.has(seen)) };
}

/** A wildcard, why there must be none, or undefined where single names are narrower. */
function judgeShape(
  base: string,
  { expression, labels, hasChance }: Shape,
  names: readonly Seen[],
): WildcardRule | string | undefined {
  const set = parseLabels(expression);
  if ("problem" in set || !labels.every((label) => set.value.matches(label))) return undefined;
  const count = countNames({ reach: "one", base }, set.value);
  const bits = Math.log2(Number(count));
  const repeated = names.filter((seen) => !isOnce(seen)).length;
  const isDense = names.length * 4 >= Number(count);
  if (hasChance && repeated * 4 < names.length && !isDense) {
    return `labels like ${expression}, hardly any of them asked for twice`;
  }
  if (!keepsBeingNew(names)) return undefined;
  if (!isDense && bits >= WIDE_BITS) {
    return `labels like ${expression} can hold ${Math.round(bits)} bits each`;
  }
  if (!isDense && !hasChance && names.length * bits >= MOST_BITS && repeated * 4 < names.length) {
    return `labels like ${expression}, hardly any of them asked for twice`;
  }
  const types = typesOf(names);
  return { base, labels: expression, types, names, count };
}

/** Whether a quarter of some names were first asked for in the later half of the time in which they were. */
function keepsBeingNew(names: readonly Seen[]): boolean {
  const begin = Math.min(...names.map((seen) => seen.begin));
  const end = Math.max(...names.map((seen) => seen.end));
  const late = names.filter((seen) => seen.begin > (begin + end) / 2).length;
  return late * 4 >= names.length;
}
