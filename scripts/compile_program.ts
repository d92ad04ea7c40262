// deno-lint-ignore-file no-console -- a script speaks to the person who runs it
/** One self-contained program by `deno compile`, or words about why there is none. */

import { describeFlags } from "../src/host/mod.ts";

/** What is to be compiled. */
export interface ProgramParts {
  /** The file that it starts with. */
  readonly entry: string;
  /** The file to write. */
  readonly output: string;
  /** The permissions that are baked in, as flags. */
  readonly flags: readonly string[];
  /** The task of deno.json that does this, for the words about what is missing. */
  readonly task: "compile" | "compile:admit";
}

/** Compiles it and says so, or says why not; whether it was written. */
export async function compileProgram(
  { entry, output, flags, task }: ProgramParts,
): Promise<boolean> {
  // The cache would lie in /tmp under a name that anyone can guess, and what anyone puts there would be run.
  const options = ["--quiet", "--unstable-net", "--no-code-cache", ...flags, "--output", output];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", ...options, entry],
    stderr: "piped",
  }).output();
  if (code === 0) {
    console.log(`Wrote ${output}, with the permissions\n  ${describeFlags(flags).join("\n  ")}`);
    return true;
  }
  const said = new TextDecoder().decode(stderr);
  console.error(said.split("Stack backtrace")[0]!.trimEnd());
  if (/denort|download|dl\.deno\.land/i.test(said)) console.error(explainMissingBase(task));
  return false;
}

function explainMissingBase(task: string): string {
  return `
deno compile puts the program on top of a runtime base (denort), which it downloads once; that failed.
On a machine without that network, fetch denort for Deno ${Deno.version.deno} and ${Deno.build.target}
from Deno's releases elsewhere, bring it here, and name the file (if DENORT_BIN is set already, it names none that can be used):

  DENORT_BIN=/path/to/denort deno task ${task}`;
}
