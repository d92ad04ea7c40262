/** Where in files of names a name stands: for messages alone, found by counting lines when it is asked for. */

import { markLength } from "./list_lines.ts";
import type { Reach } from "./name_pattern.ts";
import { BYTE } from "./name_texts.ts";
import type { FilePlace } from "./problem.ts";
import type { Rule } from "./rule.ts";
import type { AddedList, ListedName } from "./name_list.ts";
import type { RuleTable } from "./rules.ts";

/** Counts the lines of one text; asking in the text's order reads it once. */
export class LineCounter {
  #line = 1;
  #lineStart = 0;
  #at = 0;

  constructor(readonly file: string, readonly text: Uint8Array) {}

  /** The place of a byte. The column counts bytes: before a name there are only blanks. */
  placeOf(offset: number): FilePlace {
    if (offset < this.#lineStart) [this.#line, this.#lineStart, this.#at] = [1, 0, 0];
    for (; this.#at < offset; this.#at++) {
      if (this.text[this.#at] !== BYTE.LF) continue;
      this.#line++;
      this.#lineStart = this.#at + 1;
    }
    const mark = this.#line === 1 ? markLength(this.text) : 0;
    return { file: this.file, line: this.#line, column: offset - this.#lineStart - mark + 1 };
  }
}

/** Where a name of one of the lists stands, its stars included. */
export function placeOfName({ file, text, start }: AddedList, name: ListedName): FilePlace {
  return new LineCounter(file, text).placeOf(name.place - start - starsLength(name.reach));
}

/** Where a rule stands, where that is in a file of names. */
export function placeOfRule({ lists }: RuleTable, rule: Rule): FilePlace | undefined {
  if (rule.path[0] !== "allow_files") return undefined;
  const list = lists.findLast(({ start }) => start <= rule.number)!;
  return placeOfName(list, { place: rule.number, reach: rule.pattern.reach });
}

/** How many bytes a name's stars and their dot take. */
export function starsLength(reach: Reach): number {
  return reach === "exact" ? 0 : reach === "one" ? 2 : 3;
}
