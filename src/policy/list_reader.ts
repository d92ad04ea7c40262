/** Reads files of names into the table of rules, with the same checks as names in `allow` get. */

import { hermeticWildcardMessage } from "./check_rules.ts";
import { twinMessage } from "./cross_check.ts";
import { ListLines } from "./list_lines.ts";
import { LineCounter, placeOfRule } from "./list_places.ts";
import type { Policy } from "./model.ts";
import { type AddedList, ListCounts } from "./name_list.ts";
import { formatPattern, parsePattern } from "./name_pattern.ts";
import { BYTE } from "./name_texts.ts";
import { MOST_TOLD, type Path, type PathProblem } from "./problem.ts";
import type { Rule } from "./rule.ts";

/** The content of a file of names, or why it could not be read and what to do. */
export type FileContent = { readonly text: Uint8Array } | { readonly problem: string };

/** How far reading files of names is. */
export interface ListProgress {
  readonly file: string;
  /** How many lines of it have been read. */
  readonly lines: number;
}

/** After so many lines others get their turn: a few ms. */
const LINES_AT_ONCE = 8192;

/** After so many bytes, where they are only counted. */
const BYTES_AT_ONCE = 1024 * 1024;

/** The longest line that is worth a closer look, in bytes. */
const LONGEST_LINE = 1000;

/** Reads the files of one policy, and collects what is wrong with them. */
export class ListReader {
  readonly problems: PathProblem[] = [];
  /** How many problems there are besides `problems`, more than anyone would read. */
  uncounted = 0;

  /** `placeOf` tells where in the policy something stands. */
  constructor(readonly policy: Policy, readonly placeOf: (path: Path) => string) {}

  /** Reads one file, whose names have a rule like `template`; stops now and then. */
  *read(template: Rule, content: FileContent): Generator<ListProgress, void> {
    if ("problem" in content) {
      this.problems.push({ path: template.path, message: content.problem });
      return;
    }
    const { text } = content;
    const file = template.name;
    const list = this.policy.rules.addList(
      { file, text, template },
      new ListCounts(),
      yield* countLines(file, text),
    );
    const lines = new ListLines(text);
    const counter = new LineCounter(file, text);
    for (let read = 1;; read++) {
      const line = lines.next();
      if (line === "end") return;
      if (line === "name" || this.#lookCloser(lines, list, counter)) {
        this.#take(lines, list, counter);
      }
      if (read % LINES_AT_ONCE === 0) yield { file, lines: read };
    }
  }

  #take(lines: ListLines, list: AddedList, counter: LineCounter): void {
    const { reach, start, hash } = lines;
    const place = list.start + start;
    const twin = this.policy.rules.addName(reach, place, hash);
    if (twin >= 0) return this.#add(lines, counter, () => this.#describeTwin(lines, twin));
    if (reach === "exact") {
      list.counts.exact++;
      return;
    }
    const pattern = { reach, base: this.policy.rules.textAt(place) };
    list.counts.addWildcard(pattern);
    if (list.template.mode === "forward") return;
    this.#add(lines, counter, () => hermeticWildcardMessage(formatPattern(pattern), true));
  }

  /** Whether it is a name all the same; if not, that is told. */
  #lookCloser(lines: ListLines, list: AddedList, counter: LineCounter): boolean {
    const { written, reach, start } = lines;
    if (written.length > LONGEST_LINE) {
      const message = `a line of ${written.length} bytes: write one name a line`;
      this.#add(lines, counter, () => message);
      return false;
    }
    const text = decode(written);
    if (text === undefined) {
      this.#add(lines, counter, () => "not UTF-8: save the file as UTF-8 text");
      return false;
    }
    const parsed = parsePattern(text);
    if ("problem" in parsed) {
      this.#add(lines, counter, () => parsed.problem);
      return false;
    }
    const base = this.policy.rules.textAt(list.start + start);
    if (parsed.value.reach === reach && parsed.value.base === base) return true;
    throw new Error(`Two ways to read a name do not agree about ${JSON.stringify(text)}`);
  }

  #describeTwin({ reach, written }: ListLines, twin: number): string {
    const { rules } = this.policy;
    const first = rules.ruleOf({ place: twin, reach });
    const place = placeOfRule(rules, first);
    const where = place === undefined
      ? this.placeOf(first.path[0] === "rule" ? [...first.path, "name"] : first.path)
      : `${place.file}:${place.line}:${place.column}`;
    return twinMessage(decode(written) ?? first.name, where);
  }

  #add({ first }: ListLines, counter: LineCounter, message: () => string): void {
    if (this.problems.length >= MOST_TOLD) {
      this.uncounted++;
      return;
    }
    this.problems.push({ path: [], place: counter.placeOf(first), message: message() });
  }
}

/** How many lines there are at most; stops now and then. */
function* countLines(file: string, text: Uint8Array): Generator<ListProgress, number> {
  let lines = 1;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === BYTE.LF) lines++;
    if (at % BYTES_AT_ONCE === 0) yield { file, lines: 0 };
  }
  return lines;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
