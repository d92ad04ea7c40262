// deno-lint-ignore-file no-console -- a script speaks to the person who runs it
/** One self-contained program by `deno compile`, or words about why there is none. */

import { basename } from "node:path";
import { describeFlags } from "../src/host/mod.ts";
import { ENGINE_FLAGS } from "./engine_flags.ts";

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
export async function compileProgram(parts: ProgramParts): Promise<boolean> {
  const folder = `dist/bundle-${Deno.pid}`;
  try {
    return await compileFrom(folder, parts);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

async function compileFrom(
  folder: string,
  { entry, output, flags, task }: ProgramParts,
): Promise<boolean> {
  const joined = await joinFiles(entry, folder);
  // The cache would lie in /tmp under a name that anyone can guess, and what anyone puts there would be run.
  const options = ["--quiet", "--unstable-net", "--no-code-cache", ...ENGINE_FLAGS, ...flags];
  const problem = await runDeno(["compile", ...options, "--output", output, joined ?? entry]);
  if (problem !== undefined) {
    console.error(problem);
    if (/denort|download|dl\.deno\.land/i.test(problem)) console.error(explainMissingBase(task));
    return false;
  }
  console.log(`Wrote ${output}, with the permissions\n  ${describeFlags(flags).join("\n  ")}`);
  return true;
}

/**
 * Joins the program's files, so that it starts in two thirds of the time: Deno's loader of packages takes longer than
 * all else. The file to start with, or undefined where it cannot be done: then it is told, and the program does without.
 */
async function joinFiles(entry: string, folder: string): Promise<string | undefined> {
  // With code splitting, what a verb alone needs stays in a file of its own, which is read when it is.
  const options = ["--quiet", "--platform=deno", "--code-splitting", "--outdir", folder];
  const problem = await runDeno(["bundle", ...options, entry]);
  if (problem === undefined) return `${folder}/${basename(entry, ".ts")}.js`;
  console.error(`${problem}\n${NOT_JOINED}`);
  return undefined;
}

/** Runs Deno itself; undefined, or what it says where it fails. */
async function runDeno(args: readonly string[]): Promise<string | undefined> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stderr: "piped",
  }).output();
  if (code === 0) return undefined;
  return new TextDecoder().decode(stderr).split("Stack backtrace")[0]!.trimEnd();
}

const NOT_JOINED = `
The program's files could not be joined: deno bundle needs esbuild, which Deno downloads once. It is compiled without
that. It does the same, and takes half as long again to start.
`;

function explainMissingBase(task: string): string {
  return `
deno compile puts the program on top of a runtime base (denort), which it downloads once; that failed.
On a machine without that network, fetch denort for Deno ${Deno.version.deno} and ${Deno.build.target}
from Deno's releases elsewhere, bring it here, and name the file (if DENORT_BIN is set already, it names none that can be used):

  DENORT_BIN=/path/to/denort deno task ${task}`;
}
