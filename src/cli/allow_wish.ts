/** What `fw-dns allow` is asked for, read from its arguments. */

import {
  type NamePattern,
  type Parsed,
  parseDuration,
  parsePattern,
  quote,
} from "../policy/mod.ts";
import { EXIT, type Invocation, VerbError } from "./console.ts";

/** A name that is to be allowed for some time. */
export interface Wish {
  readonly pattern: NamePattern;
  /** For how long, in ms. */
  readonly span: number;
  readonly comment: string | undefined;
}

const SHORTEST = 1000;

/** 30 days: what is needed for longer belongs into the policy by somebody's hand. */
const LONGEST = 30 * 24 * 3_600_000;

/** Reads the arguments. Throws a {@linkcode VerbError} where they are no such wish. */
export function readWish({ words, flags }: Pick<Invocation, "words" | "flags">): Wish {
  const pattern = parsePattern(words[0]!);
  if ("problem" in pattern) throw new VerbError(`Cannot allow ${pattern.problem}`, EXIT.USAGE);
  const span = readSpan(flags.for);
  if ("problem" in span) throw new VerbError(`fw-dns allow: --for: ${span.problem}`, EXIT.USAGE);
  const comment = typeof flags.comment === "string" ? flags.comment : undefined;
  return { pattern: pattern.value, span: span.value, comment };
}

function readSpan(written: string | boolean | undefined): Parsed<number> {
  if (typeof written !== "string") return { problem: "say for how long, like --for 2h" };
  const parsed = parseDuration(written);
  if ("problem" in parsed || (parsed.value >= SHORTEST && parsed.value <= LONGEST)) return parsed;
  return {
    problem: `${quote(written)}: write a duration from "1s" to "720h", which is 30 days; ` +
      "a name that is needed for longer belongs into allow = [ … ]",
  };
}
