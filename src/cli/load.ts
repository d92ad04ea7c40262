/** From `--policy FILE` to a policy, or to words that say what to do. */

import {
  checkCeiling,
  type DomainOf,
  draftPolicy,
  type FileContent,
  type FilePlace,
  formatProblem,
  type LeakReport,
  type ListProgress,
  locateProblems,
  Locator,
  measureLeak,
  type PathProblem,
  placeOfRule,
  type Policy,
  PolicyError,
  type Problem,
  type Rule,
  runPolicyTests,
  withDomains,
} from "../policy/mod.ts";
import { type Files, sleep, type System } from "../system/mod.ts";
import {
  errorMessage,
  errorName,
  type ExitCode,
  type Invocation,
  type Style,
  VerbError,
} from "./console.ts";
import { Progress } from "./progress.ts";
import { loadDomains } from "./public_suffixes.ts";

/** Where a policy is looked for when none is named. */
export const DEFAULT_POLICY = "/etc/fw-dns/policy.toml";

/** A policy, and what it was read from. */
export interface LoadedPolicy {
  readonly file: string;
  /** What was read, by its path: the policy's file first, then those that it names. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
  readonly policy: Policy;
  /** Its leak bound, at the time of reading: measured when it is first asked for. */
  leak(): LeakReport;
  /** Finds the places of problems that show only later. */
  locate(problems: readonly PathProblem[]): Problem[];
}

/** How a policy is loaded. */
export interface LoadOptions {
  /** Whether one whose leak bound is above its own `bits_per_hour` is refused (the default). */
  readonly aboveCeiling?: "refuse" | "accept";
  /** Whether others are served meanwhile, and get their turn every few ms. */
  readonly isServing?: boolean;
}

/**
 * Reads the policy and the files that it names, runs its `[[test]]`s and holds its leak bound against its ceiling.
 * Throws a {@linkcode VerbError} with every problem.
 */
export async function loadPolicy(
  { system, flags }: Invocation,
  exitCode: ExitCode,
  { aboveCeiling = "refuse", isServing = false }: LoadOptions = {},
): Promise<LoadedPolicy> {
  const file = typeof flags.policy === "string" ? flags.policy : DEFAULT_POLICY;
  const bytes = await readFile(system.files, file, exitCode);
  const locate = (problems: readonly PathProblem[]): Problem[] =>
    locateProblems(problems, new Locator(new TextDecoder().decode(bytes)));
  const now = system.clock.now();
  try {
    const { lists, caFiles, finish } = draftPolicy(bytes, file);
    const named = [...lists, ...caFiles];
    const contents = await Promise.all(named.map((one) => readNamed(system.files, one)));
    const names = contents.slice(0, lists.length);
    const certificates = contents.slice(lists.length);
    const read = await takeSteps(finish(names, certificates), system, isServing);
    const policy = read.learn === undefined ? read : withDomains(read, await domains(file, locate));
    let report: LeakReport | undefined;
    const leak = (): LeakReport => report ??= measureLeak(policy, now);
    const failed = [
      ...runPolicyTests(policy, now),
      ...(aboveCeiling === "refuse" ? checkCeiling(policy, leak) : []),
    ];
    if (failed.length > 0) throw new PolicyError(file, locate(failed));
    const texts = named.map((one, i) => [one, textOf(contents[i]!)] as const);
    return { file, sources: new Map([[file, bytes], ...texts]), policy, leak, locate };
  } catch (error) {
    if (error instanceof PolicyError) throw new VerbError(error.message, exitCode);
    throw error;
  }
}

/** What it takes to learn. Throws a {@linkcode PolicyError} where it cannot be had. */
async function domains(
  file: string,
  locate: (problems: readonly PathProblem[]) => Problem[],
): Promise<DomainOf> {
  try {
    return (await loadDomains()).ownerOf;
  } catch (error) {
    const message = `the list of public suffixes cannot be read (${errorMessage(error)}): ` +
      "start fw-dns again, or take [learn] out";
    throw new PolicyError(file, locate([{ path: ["learn"], message }]));
  }
}

/** Warnings about a policy as lines, in the order of the problems. */
export function formatWarnings(
  file: string,
  problems: readonly Problem[],
  { red }: Style,
): string[] {
  return problems.map((problem) =>
    formatProblem(file, problem).replace(/(:\d+:\d+: )/, `$1${red("warning: ")}`)
  );
}

/** Where a rule is written: in the policy itself, or in a file that it names. */
export function placeOf({ file, policy, locate }: LoadedPolicy, rule: Rule): FilePlace {
  const [own] = locate([{ path: rule.path, message: "" }]);
  return placeOfRule(policy.rules, rule) ?? { file, line: own!.line, column: own!.column };
}

/** How long others wait for their turn while a policy is loaded, in ms. */
const LONGEST_TURN = 5;

/** Loads what is left, a few thousand lines at a time. */
async function takeSteps(
  steps: Generator<ListProgress, Policy>,
  { clock, process }: System,
  isServing: boolean,
): Promise<Policy> {
  const progress = new Progress(clock, process.stderr);
  try {
    let turn = clock.monotonic();
    while (true) {
      const step = steps.next();
      if (step.done) return step.value;
      await progress.show(step.value);
      if (!isServing || clock.monotonic() < turn + LONGEST_TURN) continue;
      await sleep(clock, 0);
      turn = clock.monotonic();
    }
  } finally {
    await progress.end();
  }
}

/** Reads a file that the policy names. */
async function readNamed(files: Pick<Files, "read">, file: string): Promise<FileContent> {
  try {
    return { text: await files.read(file) };
  } catch (error) {
    return { problem: `cannot read ${file}: ${explainNamed(error)}` };
  }
}

function textOf(content: FileContent): Uint8Array {
  return "text" in content ? content.text : new Uint8Array(0);
}

function explainNamed(error: unknown): string {
  return errorName(error) === "NotFound"
    ? "there is no such file: write one, or take it out; a path is seen from the policy's folder"
    : explain(error, "the file's folder");
}

async function readFile(
  files: Pick<Files, "read">,
  file: string,
  exitCode: ExitCode,
): Promise<Uint8Array> {
  try {
    return await files.read(file);
  } catch (error) {
    throw new VerbError(`Cannot read the policy ${file}: ${explain(error)}`, exitCode);
  }
}

function explain(error: unknown, folder = "the policy's folder"): string {
  switch (errorName(error)) {
    case "NotFound":
      return "there is no such file: write one (fw-dns run --help shows one that is enough), or name yours with --policy FILE";
    case "PermissionDenied":
      return "this user may not read it: let it read the file, or start fw-dns as one who may";
    case "IsADirectory":
      return "it is a folder: name the file in it";
    case "NotCapable":
      return `the permissions that this program was given do not cover it: start it with --allow-read=FOLDER for ${folder}, or compile it again with --policy FILE`;
    default:
      return errorMessage(error);
  }
}
