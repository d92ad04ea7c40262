/** A file of names (`allow_files`) that has been read: what they have in common, and how many there are. */

import type { NamePattern, Reach } from "./name_pattern.ts";
import type { Rule } from "./rule.ts";

/** What the names of one file have in common. */
export interface NameList {
  /** The file's path, as messages tell it. */
  readonly file: string;
  /** Its content, which the names are looked up in for as long as the policy is in force. */
  readonly text: Uint8Array;
  /** The rule that each of its names is, but for the name; its own name is that of the file. */
  readonly template: Rule;
}

/** A name of a list, as it is come across. */
export interface ListedName {
  readonly place: number;
  readonly reach: Reach;
}

/** The names of a file that are part of the rules. */
export interface AddedList extends NameList {
  /** The place of the text's first byte. */
  readonly start: number;
  readonly counts: ListCounts;
}

/** Wildcards of one file that have equally many names below them. */
export interface WildcardKind {
  /** One of them. */
  readonly pattern: NamePattern;
  readonly count: number;
}

/** How many names of a file there are. */
export class ListCounts {
  /** Exact ones. */
  exact = 0;
  /** Those with stars. */
  wildcards = 0;
  readonly #kinds = new Map<string, WildcardKind>();

  /** The wildcards; how many names are below one depends on its stars and on the length of what follows them. */
  get kinds(): readonly WildcardKind[] {
    return [...this.#kinds.values()];
  }

  /** Counts one more wildcard. */
  addWildcard(pattern: NamePattern): void {
    this.wildcards++;
    const key = `${pattern.reach} ${pattern.base.length}`;
    const known = this.#kinds.get(key);
    this.#kinds.set(key, { pattern: known?.pattern ?? pattern, count: (known?.count ?? 0) + 1 });
  }
}
