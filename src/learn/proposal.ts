/** What is proposed: rules, and what is set apart from them. */

import type { Seen } from "./tally.ts";

/** A rule for one name. */
export interface ExactRule {
  readonly seen: Seen;
  /** Numbers, in ascending order. */
  readonly types: readonly number[];
}

/** A rule for names that look alike. */
export interface WildcardRule {
  /** What follows `*.`. */
  readonly base: string;
  /** What `labels` is to be. */
  readonly labels: string;
  readonly types: readonly number[];
  readonly names: readonly Seen[];
  /** How many names it lets through. */
  readonly count: bigint;
}

/** Why names are not proposed. */
export type ApartKind =
  | "carries"
  | "types"
  | "denied"
  | "many"
  | "listed"
  | "leftover"
  | "single"
  | "reverse"
  | "local"
  | "special"
  | "unwritable";

/** Names that are not proposed. */
export interface Apart {
  readonly kind: ApartKind;
  readonly names: readonly Seen[];
  /** What they have in common: a domain, or one name. */
  readonly title: string;
  /** What is to be said of these beyond what their kind says. */
  readonly reason: string;
  /** The types in question; undefined: whatever was asked for. */
  readonly types?: readonly number[];
}

/** All of it, sorted. */
export interface Proposal {
  readonly exact: readonly ExactRule[];
  readonly wildcards: readonly WildcardRule[];
  readonly apart: readonly Apart[];
  /** Names that a policy allows already. */
  readonly known: number;
}
