/** What verbs have in common: what they are given, how they write, how they fail. */

import type { Output, System } from "../system/mod.ts";

/** What a verb is given. */
export interface Invocation {
  readonly system: System;
  /** The value of each flag that was given. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** The words that are no flags, without the verb. */
  readonly words: readonly string[];
  /** The day on which the program was compiled; undefined when it runs from its source. */
  readonly built: string | undefined;
}

/** What a verb's end tells the shell. */
export type ExitCode = 0 | 1 | 2;

/** The exit codes that have a name. */
export const EXIT = { OK: 0, FAILED: 1, USAGE: 2 } as const;

/** A problem that ends a verb: told as it is, without a trace. */
export class VerbError extends Error {
  override readonly name = "VerbError";

  constructor(message: string, readonly exitCode: ExitCode) {
    super(message);
  }
}

/** Marks text for a terminal; anywhere else it stays as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** The style for one output: plain where no person's terminal is there, or where `NO_COLOR` is set. */
export function styleFor(output: Output, noColor: boolean): Style {
  const isPlain = noColor || !output.isTerminal;
  const mark = (start: number, end: number) => (text: string): string =>
    isPlain ? text : `\x1b[${start}m${text}\x1b[${end}m`;
  return {
    bold: mark(1, 22),
    dim: mark(2, 22),
    green: mark(32, 39),
    red: mark(31, 39),
    cyan: mark(36, 39),
  };
}

/** The name of an error of the runtime, such as `NotFound` or `AddrInUse`. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** An error's own words. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
