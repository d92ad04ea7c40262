/** The names of one registrable domain: which of them may be a way out for data, and what the others are. */

import { describeBytes } from "../system/mod.ts";
import { bitsOf, hasLongLabel, isOnce, MOST_BITS, WIDE_BITS } from "./measures.ts";
import type { Apart, WildcardRule } from "./proposal.ts";
import { sortSiblings } from "./siblings.ts";
import type { Seen } from "./tally.ts";

/** With so many names of chance, what carries fewer bits beside them is one of them. */
const SEVERAL = 3;
const FEW_BITS = 16;

/** So many names below one domain, nearly none asked for twice, are not what programs look up. */
const MANY = 100;

/** What is proposed for one domain. */
export interface DomainProposal {
  readonly wildcards: readonly WildcardRule[];
  readonly apart: readonly Apart[];
  readonly single: readonly Seen[];
}

/** Judges the names of a domain. `hasMore`: whether there were more than are kept. */
export function judgeDomain(
  domain: string,
  names: readonly Seen[],
  hasMore: boolean,
): DomainProposal {
  const carrying = findCarrying(names);
  const apart: Apart[] = carrying.length === 0 ? [] : [{
    kind: "carries",
    title: domain,
    names: carrying,
    reason: describeLoad(carrying),
  }];
  const taken = new Set(carrying);
  const { wildcards, suspicious, single } = sortSiblings(
    domain,
    names.filter((seen) => !taken.has(seen)),
  );
  for (const { names: few, reason } of suspicious) {
    apart.push({ kind: "carries", title: domain, names: few, reason });
  }
  const once = single.filter(isOnce);
  if ((single.length <= MANY || once.length * 5 < single.length * 4) && !hasMore) {
    return { wildcards, apart, single };
  }
  const reason = "so many names, nearly all asked for once";
  if (once.length > 0) apart.push({ kind: "many", title: domain, names: once, reason });
  return { wildcards, apart, single: single.filter((seen) => !isOnce(seen)) };
}

/**
 * The names that look as if they carry data; where most of a domain's do, the others as well that were asked for once.
 * Those that are asked for again and again stay, so that nobody takes a domain from others by asking below it.
 */
function findCarrying(names: readonly Seen[]): readonly Seen[] {
  const bits = new Map(names.map((seen) => [seen, bitsOf(seen)]));
  const wide = names.filter((seen) => bits.get(seen)! >= WIDE_BITS || hasLongLabel(seen));
  const total = names.reduce((sum, seen) => sum + (isOnce(seen) ? bits.get(seen)! : 0), 0);
  if (wide.length < SEVERAL && total < MOST_BITS) return wide;
  const all = names.filter((seen) => bits.get(seen)! >= FEW_BITS || hasLongLabel(seen));
  if (all.length * 2 < names.length) return all;
  const carrying = new Set(all);
  return names.filter((seen) => carrying.has(seen) || isOnce(seen));
}

/** What names could have carried, in words. */
export function describeLoad(names: readonly Seen[]): string {
  const bytes = names.reduce((sum, seen) => sum + bitsOf(seen), 0) / 8;
  return bytes < 1
    ? "very long labels"
    : `labels that look like data, ${describeBytes(Math.ceil(bytes))}`;
}
