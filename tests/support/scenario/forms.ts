/** The sentences and phrases that a scenario is made of. */

import { typeNumber } from "../../../src/wire/mod.ts";
import { errorAt, type Line } from "./source.ts";

/** What matched each group of a form; undefined where a group is not there. */
export type Words = readonly (string | undefined)[];

/** One way to write something, and what it means. */
export interface Form<T> {
  /** An example, for messages. */
  readonly like: string;
  readonly form: RegExp;
  /** May throw the error of a line. */
  readonly read: (words: Words, line: Line) => T;
}

/** Reads a text by the first form that fits all of it. Throws the line's error, with all that could stand there. */
export function readForm<T>(forms: readonly Form<T>[], text: string, line: Line): T {
  for (const { form, read } of forms) {
    const match = new RegExp(`^(?:${form.source})$`).exec(text);
    if (match !== null) return read(match.slice(1), line);
  }
  const examples = forms.map(({ like }) => `"${like}"`).join(", ");
  throw errorAt(line, `cannot read "${text}". What can stand here looks like: ${examples}`);
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration such as `20ms`, `1.5s`, `10m`, `1h`, `2d`, in ms. Throws the line's error. */
export function readDuration(text: string | undefined, line: Line): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text ?? "");
  if (match === null) {
    throw errorAt(line, `"${text}" is no duration: write one like "20ms" or "1h"`);
  }
  return Number(match[1]) * UNITS[match[2]!]!;
}

/** Numbers from one to another, both included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** A number, or two with "to" between them. Throws the line's error. */
export function readRange(text: string | undefined, line: Line): Range {
  const match = /^(\d+)(?: to (\d+))?$/.exec(text ?? "");
  if (match === null) throw errorAt(line, `"${text}" is no number: write one like "3" or "3 to 5"`);
  const least = Number(match[1]);
  const most = Number(match[2] ?? match[1]);
  if (most < least) throw errorAt(line, `"${text}": the larger number comes second`);
  return { least, most };
}

/** Whether a number is within a range. */
export function isWithin(number: number, { least, most }: Range): boolean {
  return number >= least && number <= most;
}

/** A range as it is written. */
export function formatRange({ least, most }: Range): string {
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** The number of a record type. Throws the line's error. */
export function readType(text: string | undefined, line: Line): number {
  const number = typeNumber(text ?? "");
  if (number === undefined) throw errorAt(line, `"${text}" is no record type`);
  return number;
}

/** The response codes that a scenario may name; the first 16 fit in a header. */
const RCODES: Readonly<Record<string, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  NOTAUTH: 9,
  BADVERS: 16,
};

/** What a response code looks like in a form. */
export const RCODE_FORM = Object.keys(RCODES).join("|");

/** The number of a response code that fits {@linkcode RCODE_FORM}. */
export function rcodeNumber(name: string): number {
  return RCODES[name]!;
}
