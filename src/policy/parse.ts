/** The text of a policy file → a {@linkcode Policy}, or every problem in it at once. */

import { parse as parseToml, TomlError } from "smol-toml";
import * as v from "valibot";
import { formatAddress } from "../system/mod.ts";
import { isLoopback } from "./address.ts";
import { crossCheck } from "./cross_check.ts";
import { Locator } from "./locate.ts";
import type { Policy } from "./model.ts";
import type { Rule, Upstream } from "./rule.ts";
import { checkRules } from "./check_rules.ts";
import { formatPattern } from "./name_pattern.ts";
import { type Path, type PathProblem, PolicyError, type Problem } from "./problem.ts";
import { RuleTable } from "./rules.ts";
import { type PolicyFile, policySchema } from "./schema.ts";
import { findUnknownKeys } from "./unknown_keys.ts";

/**
 * Reads a policy. `file` is the name that messages give it.
 * Throws a {@linkcode PolicyError} with every problem, each with its line and column.
 */
export function parsePolicy(bytes: Uint8Array, file: string): Policy {
  const toml = decodeText(bytes, file);
  const table = readToml(toml, file);
  const result = v.safeParse(policySchema, table);
  const locator = new Lazy(() => new Locator(toml));
  const problems = [
    ...(result.issues ?? []).filter((issue) => !isUnknownKey(issue)).map(issueProblem),
    ...findUnknownKeys(table),
    ...crossCheck(table, (path) => {
      const { line, column } = locator.value.value(path);
      return `${line}:${column}`;
    }),
  ];
  const policy = result.success ? buildPolicy(result.output) : undefined;
  if (policy !== undefined) problems.push(...checkRules(policy));
  if (policy !== undefined && problems.length === 0) return policy;
  throw new PolicyError(file, locateProblems(problems, locator.value));
}

/** Finds the places of problems and puts them in the order of the file. */
export function locateProblems(problems: readonly PathProblem[], locator: Locator): Problem[] {
  return problems
    .map(({ path, message, atKey }) => ({
      ...(atKey ? locator.key(path) : locator.value(path)),
      message: path.length === 0 ? message : `${formatPath(path)}: ${message}`,
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
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
      rest.length > 0 ? `\n${rest.join("\n").trimEnd()}` : ""
    }`;
    throw new PolicyError(file, [{ line: error.line, column: error.column, message }]);
  }
}

/** What to write for the keys that must be there. */
const EXAMPLES: Readonly<Record<string, string>> = {
  address: '"9.9.9.9:53"',
  expect: '"allow" or "deny"',
  user: '"fw-dns"',
  name: '"example.com"',
};

/** Told by `findUnknownKeys`, which finds all of them. */
function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function issueProblem(issue: v.BaseIssue<unknown>): PathProblem {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const isMissing = issue.kind === "schema" && issue.received === "undefined";
  if (isMissing) return { path: path.slice(0, -1), message: missingMessage(path) };
  return { path, message: issue.message };
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
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

function buildPolicy(file: PolicyFile): Policy {
  const upstreams = file.upstream.map(buildUpstream);
  return {
    unlisted: file.unlisted,
    watch: file.watch,
    listen: {
      addresses: file.listen.addresses,
      clients: file.listen.clients,
      tcpConnections: file.listen.tcp_connections,
      tcpIdle: file.listen.tcp_idle,
    },
    upstreams,
    query: {
      timeout: file.query.timeout,
      tries: file.query.tries,
      inFlight: file.query.in_flight,
      tick: file.query.tick,
    },
    cache: {
      minTtl: file.cache.min_ttl,
      maxTtl: file.cache.max_ttl,
      stale: file.cache.stale,
    },
    hermetic: file.hermetic,
    runAs: file.run_as === undefined
      ? undefined
      : { user: file.run_as.user, group: file.run_as.group },
    sandbox: file.sandbox,
    budget: {
      wildcardsPerHour: file.budget.wildcards_per_hour,
      bitsPerHour: file.budget.bits_per_hour,
    },
    log: file.log,
    rules: new RuleTable(buildRules(file, upstreams)),
    tests: file.test.map((test, index) => ({ ...test, path: ["test", index] })),
  };
}

function buildUpstream({ name, address, transport }: PolicyFile["upstream"][number]): Upstream {
  const written = formatAddress(address);
  return {
    name: name ?? written,
    key: `${transport} ${written}`,
    address,
    transport,
    isTrusted: isLoopback(address.hostname),
  };
}

function buildRules(file: PolicyFile, upstreams: readonly Upstream[]): Rule[] {
  const short = file.allow.map((name, index) => ({ name, path: ["allow", index] as Path }));
  const long = file.rule.map((rule, index) => ({ ...rule, path: ["rule", index] as Path }));
  const defaults = new Set(file.types);
  return [...short, ...long].map((entry: (typeof short)[number] | (typeof long)[number]) => {
    const full: Partial<(typeof long)[number]> = entry;
    return {
      pattern: entry.name,
      name: formatPattern(entry.name),
      types: full.types === undefined ? defaults : new Set(full.types),
      upstreams: full.upstream === undefined
        ? upstreams
        : upstreams.filter((upstream) => upstream.name === full.upstream),
      mode: full.mode ?? file.mode,
      minTtl: full.min_ttl ?? file.cache.min_ttl,
      allowsPrivate: full.private ?? file.answers.private,
      within: full.within,
      labels: full.labels,
      expires: full.expires,
      comment: full.comment,
      path: entry.path,
    };
  });
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
