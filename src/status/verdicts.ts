/** What verdicts are to whoever looks: four kinds. */

import type { Verdict } from "../observe/event.ts";

/** A kind of verdicts. */
export type VerdictKind = "allowed" | "empty" | "blocked" | "failed";

/** The kinds, in the order in which they are told, with the words for them. */
export const KINDS: readonly {
  readonly key: VerdictKind;
  readonly label: string;
  readonly of: readonly Verdict[];
}[] = [
  { key: "allowed", label: "allowed", of: ["forward", "serve"] },
  { key: "empty", label: "no data", of: ["nodata"] },
  { key: "blocked", label: "blocked", of: ["drop", "refuse", "nxdomain"] },
  { key: "failed", label: "failed", of: ["servfail"] },
];

/** The kind of a verdict; undefined for one of another version. */
export function kindOf(verdict: string): VerdictKind | undefined {
  return KINDS.find(({ of }) => (of as readonly string[]).includes(verdict))?.key;
}

/** How many responses have a verdict of a kind. */
export function countKind(
  responses: readonly { readonly verdict: string; readonly count: number }[],
  kind: VerdictKind,
): number {
  return responses.reduce(
    (sum, { verdict, count }) => kindOf(verdict) === kind ? sum + count : sum,
    0,
  );
}
