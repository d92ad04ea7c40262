/** `fw-dns check`: is this policy good, and is it wise? */

import { count } from "../observe/mod.ts";
import { findObstacle, findOwnAccount, resolveAccount } from "../host/mod.ts";
import { lintPolicy, listEnding, type PathProblem, type Policy } from "../policy/mod.ts";
import { type Files, many } from "../system/mod.ts";
import { EXIT, type ExitCode, type Invocation, styleFor } from "./console.ts";
import { formatWarnings, loadPolicy } from "./load.ts";
import { formatMoment, formatSpan } from "./moments.ts";
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
  const obstacles = await Promise.all(
    [file, ...policy.files].map((one) => findObstacle(files, one, account)),
  );
  return obstacles.filter((obstacle) => obstacle !== undefined)
    .map((obstacle) => ({ path, message: `a changed policy could not be loaded: ${obstacle}` }));
}

/** `3 rules`, and with files of names `3 rules, 1,000,000 names in files`. */
function countRules({ rules, lists, size }: Policy["rules"]): string {
  const own = count(rules.length, "rule");
  if (lists.length === 0) return own;
  const listed = size - rules.length;
  return `${own}, ${many(listed, "name")} in files`;
}

/** The most rules with an end that are told: those that end first. */
const MOST_ENDING = 20;

/** Lines that say which rules end when. */
function describeEnding({ rules }: Policy, now: number): string[] {
  const ending = listEnding(rules, now);
  const lines = ending.slice(0, MOST_ENDING).map(({ name, expires }) =>
    `until ${formatMoment(expires)}  ${name}, in ${formatSpan(expires - now)}`
  );
  const more = ending.length - lines.length;
  return more === 0 ? lines : [...lines, `and ${count(more, "rule")} that end later`];
}

/** Prints warnings to standard error and the verdict, with what ends when, to standard output. */
export async function check(invocation: Invocation): Promise<ExitCode> {
  const { process, clock, files } = invocation.system;
  const { file, policy, locate } = await loadPolicy(invocation, EXIT.FAILED);
  const warnings = locate([
    ...lintPolicy(policy, clock.now(), await loadPublicSuffixes()),
    ...await judgeAccount(files, file, policy),
  ]);
  const style = styleFor(process.stderr, process.noColor);
  for (const line of formatWarnings(file, warnings, style)) {
    await process.stderr.write(`${line}\n`);
  }
  const green = styleFor(process.stdout, process.noColor).green;
  await process.stdout.write(
    `${green("good")}  ${file}: ${countRules(policy.rules)}, ${
      count(policy.tests.length, "test")
    } passed, ${count(warnings.length, "warning")}\n`,
  );
  const ending = describeEnding(policy, clock.now());
  if (ending.length > 0) await process.stdout.write(`${ending.join("\n")}\n`);
  return EXIT.OK;
}
