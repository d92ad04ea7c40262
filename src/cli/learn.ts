/** `fw-dns learn LOG...`: which names does this machine need? */

import { propose, readLine, splitLines, Tally, writeProposal } from "../learn/mod.ts";
import type { Policy } from "../policy/mod.ts";
import type { System } from "../system/mod.ts";
import {
  errorMessage,
  errorName,
  EXIT,
  type ExitCode,
  type Invocation,
  VerbError,
} from "./console.ts";
import { loadPolicy } from "./load.ts";
import { loadDomains } from "./public_suffixes.ts";

/** Prints a proposal; changes nothing. */
export async function learn(invocation: Invocation): Promise<ExitCode> {
  const { system, flags, words } = invocation;
  const policy = typeof flags.policy === "string" ? await readPolicy(invocation) : undefined;
  const suffixes = await loadDomains();
  const tally = new Tally(suffixes);
  const now = system.clock.now();
  const counts = { lines: 0, other: 0, unknown: 0 };
  for (const log of words) {
    for await (const lines of readLog(system, log)) {
      counts.lines += lines.length;
      for (const line of lines) {
        const read = readLine(line, now);
        if (read.kind === "look-up") tally.add(read.lookUp);
        else counts[read.kind]++;
      }
    }
  }
  if (tally.lookUps === 0) {
    throw new VerbError(explainNothing(counts.lines, counts.other), EXIT.FAILED);
  }
  const proposal = propose(tally, { suffixes, policy, now });
  const lines = [...writeProposal(proposal, tally, counts, suffixes)];
  await system.process.stdout.write(`${lines.join("\n")}\n`);
  return EXIT.OK;
}

/** One that is above its own ceiling may be read here: nothing is served. */
async function readPolicy(invocation: Invocation): Promise<Policy> {
  const { policy } = await loadPolicy(invocation, EXIT.FAILED, { aboveCeiling: "accept" });
  return policy;
}

async function* readLog({ files, process }: System, log: string): AsyncGenerator<string[]> {
  try {
    yield* splitLines(log === "-" ? process.stdin : files.pieces(log));
  } catch (error) {
    throw new VerbError(`Cannot read the log ${log}: ${explain(error)}`, EXIT.FAILED);
  }
}

function explain(error: unknown): string {
  switch (errorName(error)) {
    case "NotFound":
      return "there is no such file: name one, or - for standard input";
    case "PermissionDenied":
      return "this user may not read it: start fw-dns as one who may";
    case "IsADirectory":
      return "it is a folder: name the files in it";
    case "NotCapable":
      return "the permissions that this program was given do not cover it: give it on standard input, and - in its place";
    default:
      return errorMessage(error);
  }
}

function explainNothing(lines: number, other: number): string {
  if (lines === 0) return "No look-up found: there is no line in what was read";
  return other === 0
    ? "No look-up found: no line is of a known log (fw-dns, dnsmasq with log-queries, Unbound with log-queries)"
    : "No look-up found that a policy would have to allow: of fw-dns, only learn mode and denials count; dnsmasq and Unbound need log-queries";
}
