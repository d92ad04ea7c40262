/** The command line: which verb, with which flags. */

import { parseArgs } from "node:util";
import type { Output, System } from "../system/mod.ts";
import {
  errorMessage,
  errorName,
  EXIT,
  type ExitCode,
  type Invocation,
  VerbError,
} from "./console.ts";
import { isVerb, programHelp, usageLine, type Verb, verbHelp } from "./help.ts";

type FlagTypes = Readonly<Record<string, { type: "string" | "boolean" }>>;

type RunVerb = (invocation: Invocation) => Promise<ExitCode>;

interface VerbEntry {
  /** Reads the verb's code: what a verb does not need, it should not wait for. */
  readonly load: () => Promise<RunVerb>;
  readonly flags: FlagTypes;
  /** How many words the verb takes. */
  readonly words: readonly [least: number, most: number];
}

const POLICY: FlagTypes = { policy: { type: "string" } };

const RESOLVED_ONLY: FlagTypes = { "resolved-only": { type: "boolean" } };

const VERBS: Readonly<Record<Verb, VerbEntry>> = {
  demo: { load: async () => (await import("./demo/mod.ts")).demo, flags: {}, words: [0, 0] },
  check: { load: async () => (await import("./check.ts")).check, flags: POLICY, words: [0, 0] },
  explain: {
    load: async () => (await import("./explain.ts")).explain,
    flags: POLICY,
    words: [1, 2],
  },
  allow: {
    load: async () => (await import("./allow.ts")).allow,
    flags: { ...POLICY, for: { type: "string" }, comment: { type: "string" } },
    words: [1, 1],
  },
  audit: {
    load: async () => (await import("./audit.ts")).audit,
    flags: { ...POLICY, json: { type: "boolean" } },
    words: [0, 0],
  },
  run: {
    load: async () => (await import("./run.ts")).run,
    flags: { ...POLICY, ...RESOLVED_ONLY },
    words: [0, 0],
  },
  permissions: {
    load: async () => (await import("./permissions.ts")).permissions,
    flags: { ...POLICY, ...RESOLVED_ONLY },
    words: [0, 0],
  },
  lockdown: {
    load: async () => (await import("./lockdown.ts")).lockdown,
    flags: {
      ...POLICY,
      ...RESOLVED_ONLY,
      to: { type: "string" },
      gateway: { type: "boolean" },
      helper: { type: "boolean" },
      recursor: { type: "string" },
    },
    words: [0, 0],
  },
  doctor: {
    load: async () => (await import("./doctor.ts")).doctor,
    flags: { ...POLICY, ...RESOLVED_ONLY },
    words: [0, 64],
  },
  diff: {
    load: async () => (await import("./diff.ts")).diff,
    flags: { "fail-on": { type: "string" } },
    words: [2, 2],
  },
  export: {
    load: async () => (await import("./export.ts")).exportPolicy,
    flags: { ...POLICY, to: { type: "string" }, approximate: { type: "boolean" } },
    words: [0, 0],
  },
  learn: {
    load: async () => (await import("./learn.ts")).learn,
    flags: POLICY,
    words: [1, 1000],
  },
  top: {
    load: async () => (await import("./top.ts")).top,
    flags: { ...POLICY, metrics: { type: "string" } },
    words: [0, 0],
  },
  version: { load: async () => (await import("./version.ts")).version, flags: {}, words: [0, 0] },
};

/**
 * Runs the program with its arguments; the result is its exit code. `built`: the day it was compiled. `writable`: where it
 * was permitted to write then, which is given back by all verbs but the one that writes.
 */
export async function main(
  args: readonly string[],
  system: System,
  built?: string,
  writable: readonly string[] = [],
): Promise<ExitCode> {
  const { stdout, stderr } = system.process;
  const [first, ...rest] = args;
  if (first === undefined) return await printUsage(system, programHelp());
  if (["--help", "-h", "help"].includes(first)) {
    const [about] = rest;
    await stdout.write(about !== undefined && isVerb(about) ? verbHelp(about) : programHelp());
    return EXIT.OK;
  }
  const verb = first === "--version" ? "version" : first;
  if (verb !== "allow") {
    for (const path of writable) system.permissions.giveBack({ name: "write", path });
  }
  if (!isVerb(verb)) {
    return await printUsage(
      system,
      `fw-dns: there is no verb ${JSON.stringify(verb)}\n\n${programHelp()}`,
    );
  }
  try {
    if (rest.some((arg) => arg === "--help" || arg === "-h")) {
      await stdout.write(verbHelp(verb));
      return EXIT.OK;
    }
    const { flags, words } = readArguments(verb, rest);
    const run = await VERBS[verb].load();
    return await run({ system, flags, words, built });
  } catch (error) {
    return await tellFailure(error, verb, stderr);
  }
}

/** Says why a verb has failed, and with which code that ends. Rejects with what is a mistake of ours. */
async function tellFailure(error: unknown, verb: Verb, stderr: Output): Promise<ExitCode> {
  if (error instanceof VerbError) {
    await stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  // Whoever read our output has read enough.
  if (errorName(error) === "BrokenPipe") return EXIT.FAILED;
  if (errorName(error) !== "NotCapable") throw error;
  await stderr.write(`fw-dns ${verb}: ${errorMessage(error)}\n`);
  return EXIT.FAILED;
}

async function printUsage({ process }: System, text: string): Promise<ExitCode> {
  await process.stderr.write(text);
  return EXIT.USAGE;
}

/** Reads flags and words; throws a {@linkcode VerbError} with the usage where they do not fit the verb. */
function readArguments(
  verb: Verb,
  args: readonly string[],
): Pick<Invocation, "flags" | "words"> {
  const { flags: options, words: [least, most] } = VERBS[verb];
  const usage = (problem: string): VerbError =>
    new VerbError(
      `fw-dns ${verb}: ${problem}\n${usageLine(verb)}\nfw-dns ${verb} --help tells more.`,
      EXIT.USAGE,
    );
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(errorMessage(error).split(". ")[0]!);
  }
  const words = parsed.positionals;
  if (words.length < least) throw usage("a word is missing");
  if (words.length > most) throw usage(`${JSON.stringify(words[most])} is one word too many`);
  return { flags: parsed.values as Invocation["flags"], words };
}
