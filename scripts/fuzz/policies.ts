/** Policy files. The first part of an input is the policy's text, the others are the files of names that it may name. */

import {
  asked,
  checkCeiling,
  decide,
  draftPolicy,
  lintPolicy,
  measureLeak,
  type Policy,
  PolicyError,
  runPolicyTests,
} from "../../src/policy/mod.ts";
import { loadPublicSuffixes } from "../../src/cli/public_suffixes.ts";
import { changeBytes } from "./change_bytes.ts";
import type { Dice } from "./dice.ts";
import { anyList, anyPolicy } from "./make_policy.ts";
import { cpuTime, type Input, type Outcome, type Target, threw } from "./target.ts";
import { judgeSlowly, namesNear, writtenRules } from "./written_rules.ts";

/** When it is, for rules that expire. */
const NOW = Date.parse("2026-06-01T00:00:00Z");

const TYPES: readonly (readonly [number, readonly string[]])[] = [
  [1, ["A", "TYPE1"]],
  [28, ["AAAA", "TYPE28"]],
  [16, ["TXT", "TYPE16"]],
  [65, ["HTTPS", "TYPE65"]],
];

/** Reads policies, and asks them about names. */
export class Policies implements Target {
  readonly kind = "policy";
  readonly together = 1;
  cost = 0;

  make(dice: Dice, seeds: readonly Input[]): Input {
    const others = seeds.flat();
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const parts = dice.oneIn(4)
      ? dice.pick(seeds)
      : [anyPolicy(dice), anyList(dice), anyList(dice)].map(encode);
    if (dice.oneIn(2)) return parts;
    return parts.map((part) => dice.oneIn(2) ? part : change(dice, part, others));
  }

  renew(): void {}

  takeReplies(): Uint8Array[] {
    return [];
  }

  async tryAll(inputs: readonly Input[]): Promise<Outcome[]> {
    const suffixes = await loadPublicSuffixes();
    const before = cpuTime();
    const read = inputs.map((parts) => readWhole(parts, suffixes));
    this.cost = cpuTime() - before;
    return inputs.map((parts, i) => judge(parts, read[i]!));
  }
}

/** A policy, or what was thrown instead. */
interface Read {
  readonly policy?: Policy;
  readonly error?: unknown;
}

/** Tokens that mean something in TOML, in a policy or in a file of names. */
const TOKENS = [
  ...["[", "]", "[[", "]]", "=", '"', "'''", '"""', "#", "\n", ",", ".", "{", "}", "\\u0000", "\\"],
  ...["*.", "**.", "allow", "rule", "[[rule]]\nname = ", "true", "inf", "1979-05-27T07:32:00Z"],
  ...["\ufeff", "\r", "\u202e", "\ud800", "é", "0x7f", "_", "name", "types", "a.example"],
];

function change(dice: Dice, part: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  if (dice.oneIn(3)) return changeBytes(dice, part, others);
  const text = new TextDecoder().decode(part);
  const at = dice.below(text.length + 1);
  const gone = dice.pick([0, 0, 1, 5, 30]);
  return new TextEncoder().encode(text.slice(0, at) + dice.pick(TOKENS) + text.slice(at + gone));
}

/** Reads a policy as `check` does. */
function readWhole(
  [toml = new Uint8Array(), ...lists]: Input,
  suffixes: Parameters<typeof lintPolicy>[2],
): Read {
  try {
    const policy = read(toml, lists);
    lintPolicy(policy, NOW, suffixes);
    measureLeak(policy, NOW);
    checkCeiling(policy, () => measureLeak(policy, NOW));
    runPolicyTests(policy, NOW);
    return { policy };
  } catch (error) {
    return { error };
  }
}

function judge([toml = new Uint8Array(), ...lists]: Input, { policy, error }: Read): Outcome {
  if (error instanceof PolicyError) return judgeProblems(error, toml, lists);
  if (policy === undefined) return { word: "", problem: threw(error) };
  const texts = lists.map((list) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(list));
  const problem = judgeDecisions(policy, new TextDecoder().decode(toml), texts);
  return { word: "good", problem };
}

function read(toml: Uint8Array, lists: readonly Uint8Array[]): Policy {
  const draft = draftPolicy(toml, "policy.toml");
  const contents = draft.lists.map((_, i) => ({ text: lists[i] ?? new Uint8Array() }));
  const caFiles = draft.caFiles.map((_, i) => ({ text: lists[i] ?? new Uint8Array() }));
  const steps = draft.finish(contents, caFiles);
  for (let step = steps.next();; step = steps.next()) if (step.done) return step.value;
}

function judgeProblems(
  { problems }: PolicyError,
  toml: Uint8Array,
  lists: readonly Uint8Array[],
): Outcome {
  const word = problems.map(({ file, line, column }) =>
    `${file ?? ""}:${line}:${column}`.slice(file ? 0 : 1)
  )
    .slice(0, 8).join(" ");
  if (problems.length === 0) return { word, problem: "refused, without a word why" };
  const linesOf = (bytes: Uint8Array): number => bytes.filter((byte) => byte === 10).length + 1;
  const most = Math.max(...[toml, ...lists].map(linesOf)) + 1;
  const lost = problems.find(({ line, column, message }) =>
    !(line >= 1 && line <= most && column >= 1) || message === ""
  );
  return { word, problem: lost && `a problem at ${lost.line}:${lost.column}: ${lost.message}` };
}

function judgeDecisions(
  policy: Policy,
  toml: string,
  lists: readonly string[],
): string | undefined {
  const rules = writtenRules(toml, lists);
  for (const name of namesNear(rules)) {
    for (const [type, names] of TYPES) {
      const { kind } = decide(policy, asked({ name, type }), NOW);
      const expected = judgeSlowly(rules, name, names, NOW);
      if (kind !== expected) return `${name} ${names[0]}: ${kind}, where ${expected} is written`;
    }
  }
  return undefined;
}
