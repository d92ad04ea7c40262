/** What every exporter has: how it is told what to write, and how its text begins. */

import { isLearning, isLive, type Policy, type Rule } from "../policy/mod.ts";
import { describeDifference, Differences } from "./differences.ts";

/** How long a line of the head gets, in characters, unless a name is longer. */
const WIDTH = 100;

/** What is exported. */
export interface Source {
  readonly policy: Policy;
  /** How the policy's file is called, as the exported text tells it. */
  readonly file: string;
  /** The time, in ms since 1970: what has expired by then is left out where the engine knows no time. */
  readonly now: number;
  /** When the policy, or a file that it names, was last changed, in s since 1970. */
  readonly changed: number;
}

/** One that can run an exported policy. */
export interface Engine {
  /** As people call it. */
  readonly title: string;
  /** What a comment begins with, such as `#`. */
  readonly comment: string;
  /** Lines for the head: which bits of a query still get through, and how the text is put in place. */
  readonly notes: (source: Source) => readonly string[];
  /** Writes the rest, in pieces of whole lines; what cannot be said is added to `differences`. */
  readonly write: (source: Source, differences: Differences) => Iterable<string>;
}

/** A policy in an engine's own language. */
export interface Exported {
  /** In pieces of whole lines: with a million names it is long. */
  readonly pieces: readonly string[];
  readonly differences: Differences;
}

/** Writes a policy for an engine. The same source makes the same text. */
export function exportFor(engine: Engine, target: string, source: Source): Exported {
  const differences = new Differences();
  if (isLearning(source.policy.learn, source.now)) {
    differences.addSetting(["learn"], "names that are learned", "they are unlisted as ever");
  }
  const body = [...engine.write(source, differences)];
  return { pieces: [head(engine, target, source, differences), ...body], differences };
}

/** The rules that count at the time of the export, each once, in the policy's order. */
export function* liveRules({ policy, now }: Source): Generator<Rule> {
  for (const rule of policy.rules.all()) {
    if (isLive(rule, now)) yield rule;
  }
}

function head(
  { comment, notes }: Engine,
  target: string,
  source: Source,
  { all }: Differences,
): string {
  const lines = [
    `Written by fw-dns export --to ${target} from ${source.file}: change that, not this file.`,
    "",
    ...notes(source),
  ];
  if (all.length > 0) {
    lines.push("", "What the policy says otherwise (--approximate):");
    lines.push(...all.flatMap((one) => wrap(`- ${describeDifference(one)}`)));
  }
  return lines.map((line) => `${comment} ${oneLine(line)}`.trimEnd() + "\n").join("") + "\n";
}

/**
 * A file may be called anything: what ends a line would end the comment, and the rest be the engine's to obey. The text
 * does not grow: some engines take what is beyond 1,024 bytes for another line.
 */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "?");
}

/** Some engines read no more than 1,024 bytes of a line, be it a comment, and five names can be longer. */
function wrap(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + word.length >= WIDTH) lines.push(`  ${word}`);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
