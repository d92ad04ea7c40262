/** `fw-dns check`: is this policy good, and is it wise? */

import { count } from "../observe/mod.ts";
import { findObstacle, findOwnAccount, resolveAccount } from "../host/mod.ts";
import { lintPolicy, type PathProblem, type Policy } from "../policy/mod.ts";
import type { Files } from "../system/mod.ts";
import { EXIT, type ExitCode, type Invocation, styleFor } from "./console.ts";
import { formatProblems, loadPolicy } from "./load.ts";
import { loadPublicSuffixes } from "./public_suffixes.ts";

/** What would go wrong with the policy's account on this host; the policy may be meant for another one. */
async function judgeAccount(files: Files, file: string, policy: Policy): Promise<PathProblem[]> {
  const { runAs } = policy;
  if (runAs === undefined) return [];
  const path = ["run_as", "user"];
  const own = findOwnAccount(policy);
  if ("message" in own) return [own];
  const account = await resolveAccount(files, runAs);
  if ("problem" in account) {
    return account.isUnknown ? [] : [{ path, message: `on this host, ${account.problem}` }];
  }
  const obstacle = await findObstacle(files, file, account);
  if (obstacle === undefined) return [];
  return [{ path, message: `a changed policy could not be loaded: ${obstacle}` }];
}

/** Prints warnings to standard error and the verdict to standard output. */
export async function check(invocation: Invocation): Promise<ExitCode> {
  const { process, clock, files } = invocation.system;
  const { file, policy, locate } = await loadPolicy(invocation, EXIT.FAILED);
  const warnings = locate([
    ...lintPolicy(policy, clock.now(), await loadPublicSuffixes()),
    ...await judgeAccount(files, file, policy),
  ]);
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
