/** The flags of `deno task bench`. */

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { Effort } from "./bench.ts";

/** What to do. */
export interface Options {
  readonly effort: Effort;
  /** Ids of workloads. */
  readonly only: readonly string[];
  /** The folder of the document and its plots. */
  readonly output: string;
}

const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));

/** Reads the flags; text where they are wrong. `ids` are those of all workloads. */
export function readOptions(args: readonly string[], ids: readonly string[]): Options | string {
  const usage =
    `Usage: deno task bench [--rounds N] [--seconds S] [--only ID,ID] [--quick] [--output FOLDER]
Workloads: ${ids.join(" ")}`;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string" },
        seconds: { type: "string" },
        only: { type: "string", default: ids.join(",") },
        quick: { type: "boolean", default: false },
        output: { type: "string", default: DOCS },
      },
    }));
  } catch (error) {
    return `${(error as Error).message}\n${usage}`;
  }
  const isQuick = values.quick;
  const rounds = Number(values.rounds ?? (isQuick ? 2 : 5));
  const seconds = Number(values.seconds ?? (isQuick ? 1 : 4));
  if (!(Number.isInteger(rounds) && rounds > 0)) return `--rounds is a whole number\n${usage}`;
  if (!(seconds > 0)) return `--seconds is a number above 0\n${usage}`;
  const only = values.only.split(",");
  const unknown = only.find((id) => !ids.includes(id));
  if (unknown !== undefined) return `There is no workload "${unknown}"\n${usage}`;
  return { effort: { rounds, seconds, isQuick }, only, output: values.output };
}
