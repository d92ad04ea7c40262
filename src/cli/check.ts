/** `fw-dns check`: is this policy good, and is it wise? */

import { count } from "../observe/mod.ts";
import { lintPolicy } from "../policy/mod.ts";
import { EXIT, type ExitCode, type Invocation, styleFor } from "./console.ts";
import { formatProblems, loadPolicy } from "./load.ts";
import { loadPublicSuffixes } from "./public_suffixes.ts";

/** Prints warnings to standard error and the verdict to standard output. */
export async function check(invocation: Invocation): Promise<ExitCode> {
  const { process, clock } = invocation.system;
  const { file, policy, locate } = await loadPolicy(invocation, EXIT.FAILED);
  const warnings = locate(lintPolicy(policy, clock.now(), await loadPublicSuffixes()));
  const red = styleFor(process.stderr, process.noColor).red;
  for (const line of formatProblems(file, warnings)) {
    await process.stderr.write(`${line.replace(/(:\d+:\d+: )/, `$1${red("warning: ")}`)}\n`);
  }
  const green = styleFor(process.stdout, process.noColor).green;
  await process.stdout.write(
    `${green("good")}  ${file}: ${count(policy.rules.rules.length, "rule")}, ${
      count(policy.tests.length, "test")
    } passed, ${count(warnings.length, "warning")}\n`,
  );
  return EXIT.OK;
}
