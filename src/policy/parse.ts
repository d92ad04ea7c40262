/** The text of a policy file → a {@linkcode Policy}, or every problem in it at once. */

import { dirname, isAbsolute, join } from "node:path/posix";
import { parse as parseToml, TomlError } from "smol-toml";
import * as v from "valibot";
import { buildPolicy, buildTemplate } from "./build.ts";
import { readCertificates } from "./ca_file.ts";
import { checkRate, checkRules } from "./check_rules.ts";
import { checkUpstreams } from "./check_upstreams.ts";
import { crossCheck, findNameTwins } from "./cross_check.ts";
import { type FileContent, type ListProgress, ListReader } from "./list_reader.ts";
import { Locator } from "./locate.ts";
import type { Policy } from "./model.ts";
import { type Path, type PathProblem, PolicyError, type Problem, showLine } from "./problem.ts";
import { type PolicyFile, policySchema } from "./schema.ts";
import { findUnknownKeys } from "./unknown_keys.ts";

/** A policy of which the policy file has been read, but no file that it names. */
export interface Draft {
  /** The files of names, as messages tell them: seen from where the policy is named. */
  readonly lists: readonly string[];
  /** The files of certificates, likewise. */
  readonly caFiles: readonly string[];
  /**
   * Reads them; contents are in the order of `lists` and `caFiles`. Stops after every few thousand lines, to be gone
   * on with as soon as the caller likes. Throws a {@linkcode PolicyError} with every problem, each with its line and
   * column.
   */
  finish(
    lists: readonly FileContent[],
    caFiles: readonly FileContent[],
  ): Generator<ListProgress, Policy>;
}

/**
 * Reads a policy that names no other file. `file` is the name that messages give it.
 * Throws a {@linkcode PolicyError} with every problem, each with its line and column.
 */
export function parsePolicy(bytes: Uint8Array, file: string): Policy {
  const { lists, caFiles, finish } = draftPolicy(bytes, file);
  const unread = (path: string): FileContent => ({ problem: `${path} was not read` });
  const steps = finish(lists.map(unread), caFiles.map(unread));
  while (true) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Reads a policy file. Throws a {@linkcode PolicyError} where it is no TOML at all. */
export function draftPolicy(bytes: Uint8Array, file: string): Draft {
  const toml = decodeText(bytes, file);
  const table = readToml(toml, file);
  const result = v.safeParse(policySchema, table);
  const locator = new Lazy(() => new Locator(toml));
  const placeOf = (path: Path): string => {
    const { line, column } = locator.value.value(path);
    return `${line}:${column}`;
  };
  const found = [
    ...(result.issues ?? []).filter((issue) => !isUnknownKey(issue)).map(issueProblem),
    ...findUnknownKeys(table),
    ...crossCheck(table, placeOf),
    ...checkUpstreams(table),
    ...(result.success ? [] : findNameTwins(table, placeOf)),
  ];
  // What is wrong with names in files can be told only where it is known how their rules would be.
  const lists = result.success ? result.output.allow_files.map((path) => besides(file, path)) : [];
  const caFileOf = ({ ca_file }: PolicyFile["upstream"][number]): string | undefined =>
    ca_file === undefined ? undefined : besides(file, ca_file);
  const named = result.success ? result.output.upstream.map(caFileOf) : [];
  const caFiles = [...new Set(named.filter((path) => path !== undefined))];
  return {
    lists,
    caFiles,
    *finish(contents, certificates): Generator<ListProgress, Policy> {
      const problems = [...found];
      let uncounted = 0;
      if (result.success) {
        const read = new Map(
          caFiles.map((path, i) => [path, readCertificates(path, certificates[i]!)]),
        );
        const roots = named.map((path, index) => {
          const one = path === undefined ? undefined : read.get(path)!;
          if (one === undefined || "value" in one) return one?.value;
          problems.push({ path: ["upstream", index, "ca_file"], message: one.problem });
          return undefined;
        });
        const policy = buildPolicy(result.output, [...lists, ...caFiles], roots);
        if (policy.rules.hasTwins) problems.push(...findNameTwins(table, placeOf));
        problems.push(...checkRules(policy));
        const reader = new ListReader(policy, (path) => `${file}:${placeOf(path)}`);
        for (const [index, content] of contents.entries()) {
          const template = buildTemplate(result.output, policy, lists[index]!, index);
          yield* reader.read(template, content);
        }
        problems.push(...reader.problems, ...checkRate(policy));
        uncounted = reader.uncounted;
        if (problems.length === 0) return policy;
      }
      throw new PolicyError(file, locateProblems(problems, locator.value), uncounted);
    },
  };
}

/** A path that a file holds, seen from where that file is seen. */
function besides(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

/** Finds the places of problems and puts them in the order of the file; those in other files come after. */
export function locateProblems(problems: readonly PathProblem[], locator: Locator): Problem[] {
  const own = problems.filter(({ place }) => place === undefined)
    .map(({ path, message, atKey }) => ({
      ...(atKey ? locator.key(path) : locator.value(path)),
      message: path.length === 0 ? message : `${formatPath(path)}: ${message}`,
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  const others = problems.flatMap(({ place, message }) => place ? [{ ...place, message }] : []);
  return [...own, ...others];
}

function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const line = 1 + bytes.subarray(0, firstBadByte(bytes)).filter((byte) => byte === 0x0a).length;
    throw new PolicyError(file, [{
      line,
      column: 1,
      message: "not UTF-8: save the file as UTF-8 text",
    }]);
  }
}

/** Where decoding stops, give or take a character: for the line in a message. */
function firstBadByte(bytes: Uint8Array): number {
  const text = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(text.slice(0, Math.max(0, text.indexOf("\ufffd")))).length;
}

function readToml(toml: string, file: string): unknown {
  try {
    return parseToml(toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [first, ...rest] = error.message.split("\n");
    const message = `not TOML: ${first!.replace("Invalid TOML document: ", "")}${
      rest.length > 0 ? `\n${rest.map(showLine).join("\n").trimEnd()}` : ""
    }`;
    throw new PolicyError(file, [{ line: error.line, column: error.column, message }]);
  }
}

/** What to write for the keys that must be there. */
const EXAMPLES: Readonly<Record<string, string>> = {
  address: '"9.9.9.9:53"',
  expect: '"allow" or "deny"',
  user: '"fw-dns"',
  until: "2026-12-31T00:00:00Z",
  name: '"example.com"',
};

/** Told by `findUnknownKeys`, which finds all of them. */
function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return isExtraKey(issue) && !isInList(issue);
}

function isExtraKey({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === "strict_object" && expected === "never";
}

/** A list passes for a table whose keys are numbers. */
function isInList({ path }: v.BaseIssue<unknown>): boolean {
  return Array.isArray(path?.at(-1)?.input);
}

function issueProblem(issue: v.BaseIssue<unknown>): PathProblem {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const isMissing = issue.kind === "schema" && issue.received === "undefined";
  if (isMissing) return { path: path.slice(0, -1), message: missingMessage(path) };
  return { path: isExtraKey(issue) ? path.slice(0, -1) : path, message: issue.message };
}

function missingMessage(path: Path): string {
  if (path.length === 1 && path[0] === "upstream") {
    return 'no upstream: write [[upstream]] and under it address = "9.9.9.9:53"';
  }
  const key = String(path.at(-1));
  return `the key ${key} is missing: write ${key} = ${EXAMPLES[key] ?? "…"}`;
}

/** `rule[2].types[0]`, counting from 1 as people do. */
function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part + 1}]`;
    else text += `${text === "" ? "" : "."}${showLine(part)}`;
  }
  return text;
}

/** A value that is made when it is first asked for. */
class Lazy<T> {
  #value: T | undefined;
  readonly #make: () => T;

  constructor(make: () => T) {
    this.#make = make;
  }

  get value(): T {
    return this.#value ??= this.#make();
  }
}
