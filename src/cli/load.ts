/** From `--policy FILE` to a policy, or to words that say what to do. */

import {
  checkCeiling,
  formatProblem,
  type LeakReport,
  locateProblems,
  Locator,
  measureLeak,
  parsePolicy,
  type PathProblem,
  type Policy,
  PolicyError,
  type Problem,
  runPolicyTests,
} from "../policy/mod.ts";
import { errorMessage, errorName, type ExitCode, type Invocation, VerbError } from "./console.ts";

/** Where a policy is looked for when none is named. */
export const DEFAULT_POLICY = "/etc/fw-dns/policy.toml";

/** A policy, and the text that it was read from. */
export interface LoadedPolicy {
  readonly file: string;
  /** What was read. */
  readonly bytes: Uint8Array;
  readonly policy: Policy;
  /** Its leak bound, at the time of reading: measured when it is first asked for. */
  leak(): LeakReport;
  /** Finds the places of problems that show only later. */
  locate(problems: readonly PathProblem[]): Problem[];
}

/** What a verb takes for a good policy. */
export interface LoadOptions {
  /** Whether one whose leak bound is above its own `bits_per_hour` is refused (the default). */
  readonly aboveCeiling: "refuse" | "accept";
}

/**
 * Reads the policy, runs its `[[test]]`s and holds its leak bound against its ceiling.
 * Throws a {@linkcode VerbError} with every problem.
 */
export async function loadPolicy(
  { system, flags }: Invocation,
  exitCode: ExitCode,
  { aboveCeiling }: LoadOptions = { aboveCeiling: "refuse" },
): Promise<LoadedPolicy> {
  const file = typeof flags.policy === "string" ? flags.policy : DEFAULT_POLICY;
  const bytes = await readFile(system.files, file, exitCode);
  const policy = parseOrExplain(bytes, file, exitCode);
  const locate = (problems: readonly PathProblem[]): Problem[] =>
    locateProblems(problems, new Locator(new TextDecoder().decode(bytes)));
  const now = system.clock.now();
  let report: LeakReport | undefined;
  const leak = (): LeakReport => report ??= measureLeak(policy, now);
  const failed = [
    ...runPolicyTests(policy, now),
    ...(aboveCeiling === "refuse" ? checkCeiling(policy, leak) : []),
  ];
  if (failed.length > 0) {
    throw new VerbError(new PolicyError(file, locate(failed)).message, exitCode);
  }
  return { file, bytes, policy, leak, locate };
}

/** Problems as lines. */
export function formatProblems(file: string, problems: readonly Problem[]): string[] {
  return problems.map((problem) => formatProblem(file, problem));
}

function parseOrExplain(bytes: Uint8Array, file: string, exitCode: ExitCode): Policy {
  try {
    return parsePolicy(bytes, file);
  } catch (error) {
    if (error instanceof PolicyError) throw new VerbError(error.message, exitCode);
    throw error;
  }
}

async function readFile(
  files: { read(path: string): Promise<Uint8Array> },
  file: string,
  exitCode: ExitCode,
): Promise<Uint8Array> {
  try {
    return await files.read(file);
  } catch (error) {
    throw new VerbError(`Cannot read the policy ${file}: ${explain(error)}`, exitCode);
  }
}

function explain(error: unknown): string {
  switch (errorName(error)) {
    case "NotFound":
      return "there is no such file: write one (fw-dns run --help shows one that is enough), or name yours with --policy FILE";
    case "PermissionDenied":
      return "this user may not read it: let it read the file, or start fw-dns as one who may";
    case "IsADirectory":
      return "it is a folder: name the file in it";
    case "NotCapable":
      return "the permissions that this program was given do not cover it: start it with --allow-read=FOLDER for the policy's folder, or compile it again with --policy FILE";
    default:
      return errorMessage(error);
  }
}
