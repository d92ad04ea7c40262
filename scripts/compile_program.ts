// deno-lint-ignore-file no-console -- a script speaks to the person who runs it
/** One self-contained program by `deno compile`, or words about why there is none. */

import { basename } from "node:path";
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
  // Deno's loader of npm packages alone would take longer to start than all else. Verbs stay in files of their own.
  const bundle = ["bundle", "--quiet", "--platform=deno", "--code-splitting"];
  if (!await runDeno([...bundle, "--outdir", folder, entry], MISSING_BUNDLER)) return false;
  // The cache would lie in /tmp under a name that anyone can guess, and what anyone puts there would be run.
  const options = ["--quiet", "--unstable-net", "--no-code-cache", ...flags, "--output", output];
  const bundled = `${folder}/${basename(entry, ".ts")}.js`;
  if (!await runDeno(["compile", ...options, bundled], explainMissingBase(task))) return false;
  console.log(`Wrote ${output}, with the permissions\n  ${describeFlags(flags).join("\n  ")}`);
  return true;
}

/** Runs Deno itself, and says why where it fails. */
async function runDeno(args: readonly string[], aboutDownloads: string): Promise<boolean> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stderr: "piped",
  }).output();
  if (code === 0) return true;
  const said = new TextDecoder().decode(stderr);
  console.error(said.split("Stack backtrace")[0]!.trimEnd());
  if (/denort|esbuild|download|dl\.deno\.land/i.test(said)) console.error(aboutDownloads);
  return false;
}

const MISSING_BUNDLER = `
deno bundle joins the program's files by means of esbuild, which Deno downloads once, as it does npm packages; that failed.
Run this once where the network lets it, or bring Deno's cache folder (DENO_DIR, see deno info) from another machine.`;

function explainMissingBase(task: string): string {
  return `
deno compile puts the program on top of a runtime base (denort), which it downloads once; that failed.
On a machine without that network, fetch denort for Deno ${Deno.version.deno} and ${Deno.build.target}
from Deno's releases elsewhere, bring it here, and name the file (if DENORT_BIN is set already, it names none that can be used):

  DENORT_BIN=/path/to/denort deno task ${task}`;
}
