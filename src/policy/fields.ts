/** The kinds of value that a policy file has, with what a message says when one does not fit. */

import { TomlDate } from "smol-toml";
import * as v from "valibot";
import { formatDuration, parseDuration } from "./duration.ts";
import { type Parsed, quote } from "./name_pattern.ts";

/** A table with these keys and no others. */
export function table<T extends v.ObjectEntries>(entries: T): v.StrictObjectSchema<T, string> {
  const keys = Object.keys(entries).join(", ");
  return v.strictObject(entries, `a table is needed here, with keys among ${keys}`);
}

/** What reads a string of the file into a `T`. */
export type Leaf<T> = v.GenericSchema<string, T>;

/** A string that `read` turns into a value; `example` is what a message shows. */
export function text<T>(example: string, read: (text: string) => Parsed<T>): Leaf<T> {
  return v.pipe(
    v.string(`a string is needed: write one like ${example}`),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const parsed = read(dataset.value);
      if ("value" in parsed) return parsed.value;
      addIssue({ message: parsed.problem });
      return NEVER;
    }),
  );
}

/** A list, which may be empty. */
export function list<T extends v.GenericSchema>(
  item: T,
  example: string,
): v.ArraySchema<T, string> {
  return v.array(item, `a list is needed: write one like ${example}`);
}

/** A list with at least one item. */
export function filled<T extends v.GenericSchema>(
  item: T,
  example: string,
): v.SchemaWithPipe<
  readonly [
    v.ArraySchema<T, string>,
    v.MinLengthAction<v.InferOutput<T>[], 1, string>,
  ]
> {
  return v.pipe(list(item, example), v.minLength(1, `an empty list: write one like ${example}`));
}

/** One of some words. */
export function choice<const T extends readonly string[]>(options: T): v.PicklistSchema<T, string> {
  return v.picklist(options, `write one of ${options.map(quote).join(", ")}`);
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): v.GenericSchema<number> {
  const message = `write a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(least, message),
    v.maxValue(most, message),
  );
}

/** A duration from `least` to `most` ms, written like `example`; comes out in ms. */
export function duration(least: number, most: number, example: string): Leaf<number> {
  return text(quote(example), (written) => {
    const parsed = parseDuration(written);
    if ("problem" in parsed || (parsed.value >= least && parsed.value <= most)) return parsed;
    const range = `${quote(formatDuration(least))} to ${quote(formatDuration(most))}`;
    return { problem: `${quote(written)}: write a duration from ${range}` };
  });
}

/** A date and time with its zone; comes out in ms since 1970. */
export const timestamp: v.GenericSchema<TomlDate, number> = v.pipe(
  v.instance(TomlDate, "a date and time are needed: write one like 2026-12-31T00:00:00Z"),
  v.check(
    (date) => date.isDateTime() && !date.isLocal(),
    "a time with its zone is needed: write one like 2026-12-31T00:00:00Z",
  ),
  v.transform((date) => date.getTime()),
);

/** The path of a file. */
export function path(example: string): v.GenericSchema<string> {
  return v.pipe(
    v.string(`a string is needed: write one like ${quote(example)}`),
    // A path with a NUL is none to the system.
    v.regex(/^[^\0]+$/, `write the path of a file, like ${quote(example)}`),
    // They could forge lines, or turn them around, wherever the path is told.
    v.regex(
      /^(?:\0|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u,
      "a path with characters that cannot be seen, such as a line's end: call the file otherwise",
    ),
  );
}
