/** The flags of `deno task soak`. */

import { parseArgs } from "node:util";

/** What to do. */
export interface Options {
  /** How long clients ask, in ms. */
  readonly length: number;
  /** How much clients ask, as a share of what they usually do. */
  readonly load: number;
  /** What decides names, faults and floods. */
  readonly seed: number;
  /** Whether it is to be written down in docs/reliability.md. */
  readonly isDocumented: boolean;
}

const USAGE =
  "Usage: deno task soak [--minutes N | --seconds N] [--seed N] [--load SHARE] [--document]";

/** Reads the flags; text where they are wrong. */
export function readOptions(args: readonly string[]): Options | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string", default: "5" },
        seconds: { type: "string" },
        load: { type: "string", default: "1" },
        seed: { type: "string", default: "1" },
        document: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    return `${(error as Error).message}\n${USAGE}`;
  }
  const { minutes, seconds, document } = values;
  const length = seconds === undefined ? Number(minutes) * 60_000 : Number(seconds) * 1000;
  const [seed, load] = [Number(values.seed), Number(values.load)];
  if (!(length > 0)) return `--minutes and --seconds are numbers above 0\n${USAGE}`;
  if (!(load > 0)) return `--load is a number above 0\n${USAGE}`;
  if (!Number.isInteger(seed)) return `--seed is a whole number\n${USAGE}`;
  return { length, load, seed, isDocumented: document };
}
