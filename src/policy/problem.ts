/** What is wrong with a policy, and where. */

/** A place in a file: both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong, or that deserves a warning. */
export interface Problem extends Place {
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** A problem as people and editors read it: `policy.toml:12:9: message`. */
export function formatProblem(file: string, { line, column, message }: Problem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** The most problems that a message tells: nobody reads more at a time. */
const MOST_TOLD = 100;

/** A policy that cannot be used, with everything that is wrong with it, in the order of the file. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";

  constructor(readonly file: string, readonly problems: readonly Problem[]) {
    const told = problems.slice(0, MOST_TOLD).map((problem) => formatProblem(file, problem));
    const more = problems.length - told.length;
    super([...told, ...(more > 0 ? [`${file}: and ${more} more like these`] : [])].join("\n"));
  }
}

/** Keys and indexes that lead to a value: `["rule", 0, "name"]`. */
export type Path = readonly (string | number)[];

/** A problem whose place in the file is still to be found. */
export interface PathProblem {
  readonly path: Path;
  readonly message: string;
  /** Whether the key itself is the problem, not its value. */
  readonly atKey?: boolean;
}
