/** What is wrong with a policy, and where. */

import { formatWhole } from "../system/mod.ts";

/** A place in a file: both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place in a file that the policy names. */
export interface FilePlace extends Place {
  /** The file's path, as messages tell it. */
  readonly file: string;
}

/** One thing that is wrong, or that deserves a warning. */
export interface Problem extends Place {
  /** Which file it is in, where that is not the policy itself. */
  readonly file?: string;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** A problem as people and editors read it: `policy.toml:12:9: message`. */
export function formatProblem(policy: string, { file, line, column, message }: Problem): string {
  return `${file ?? policy}:${line}:${column}: ${message}`;
}

/**
 * A line of a file, or a key, as it is told: but for tabs, what a terminal would obey, or would end the line, is `?`. That
 * is as wide, for a mark below it.
 */
export function showLine(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

/** The most problems that a message tells: nobody reads more at a time. */
export const MOST_TOLD = 100;

/** A policy that cannot be used, with everything that is wrong with it, in the order of the file. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";

  /** `uncounted`: how many more there are that are not among `problems`. */
  constructor(readonly file: string, readonly problems: readonly Problem[], uncounted = 0) {
    const told = problems.slice(0, MOST_TOLD).map((problem) => formatProblem(file, problem));
    const more = problems.length - told.length + uncounted;
    super(
      [...told, ...(more > 0 ? [`${file}: and ${formatWhole(more)} more like these`] : [])].join(
        "\n",
      ),
    );
  }
}

/** Keys and indexes that lead to a value: `["rule", 0, "name"]`. */
export type Path = readonly (string | number)[];

/** A problem whose place in the file is still to be found. */
export interface PathProblem {
  readonly path: Path;
  /** Where it is, where that is in another file. */
  readonly place?: FilePlace;
  readonly message: string;
  /** Whether the key itself is the problem, not its value. */
  readonly atKey?: boolean;
}
