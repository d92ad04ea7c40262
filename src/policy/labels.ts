/** What the labels of a wildcard may be, and how many names that makes. */

import { MAX_LABEL_BYTES, MAX_NAME_BYTES } from "../wire/mod.ts";
import { type Automaton, buildAutomaton, countWords, DEAD, isSubset } from "./label_automaton.ts";
import { ALPHABET, parseExpression } from "./label_syntax.ts";
import { type NamePattern, type Parsed, quote } from "./name_pattern.ts";

/** A set of labels. */
export interface LabelSet {
  /** As the policy spells it; empty where it does not say. */
  readonly text: string;
  /** How many labels of each length there are; the index is the length, 0 to 63. */
  readonly counts: readonly bigint[];
  /** What walks their letters, for labels of 1 to 63; undefined: any letters may stand in them. */
  readonly automaton: Automaton | undefined;
  /** Whether a label, in small letters, is one of them. */
  matches(label: string): boolean;
}

const ANY = new RegExp(`^[a-z0-9_-]{1,${MAX_LABEL_BYTES}}$`);

/** What a wildcard lets through that does not say what its labels may be. */
export const ANY_LABEL: LabelSet = {
  text: "",
  counts: Array.from(
    { length: MAX_LABEL_BYTES + 1 },
    (_, length) => length === 0 ? 0n : BigInt(ALPHABET.length) ** BigInt(length),
  ),
  automaton: undefined,
  matches: (label) => ANY.test(label),
};

/** That of any label, built when it is first asked for. */
let anyAutomaton: Automaton | undefined;

function automatonOf({ automaton }: LabelSet): Automaton {
  return automaton ?? (anyAutomaton ??= buildAny());
}

function buildAny(): Automaton {
  const expression = parseExpression(`[a-z0-9_-]{1,${MAX_LABEL_BYTES}}`);
  const automaton = "value" in expression ? buildAutomaton(expression.value) : undefined;
  if (automaton === undefined) throw new Error("Cannot build the automaton of any label");
  return automaton;
}

/** Whether every label of `a` is one of `b`. */
export function areLabelsWithin(a: LabelSet, b: LabelSet): boolean {
  return a === b || a.text === b.text || b === ANY_LABEL ||
    isSubset(automatonOf(a), automatonOf(b), MAX_LABEL_BYTES);
}

/** The number of each letter, by its character code; `DEAD` for all others. */
const NUMBER_OF = Int8Array.from(
  { length: 128 },
  (_, code) => ALPHABET.indexOf(String.fromCharCode(code)),
);

/** Reads the expression in `labels`. It matches whole labels, of 1 to 63 letters. */
export function parseLabels(text: string): Parsed<LabelSet> {
  const bad = (why: string): Parsed<LabelSet> => ({ problem: `${quote(text)}: ${why}` });
  const expression = parseExpression(text);
  if ("problem" in expression) return bad(expression.problem);
  const automaton = buildAutomaton(expression.value);
  if (automaton === undefined) {
    return bad("it has too many cases to count: write shorter repeats, or fewer within each other");
  }
  const counts = countWords(automaton, MAX_LABEL_BYTES).with(0, 0n);
  if (counts.every((count) => count === 0n)) {
    return bad(`no label of 1 to ${MAX_LABEL_BYTES} letters fits it: write shorter repeats`);
  }
  const { next, accepts } = automaton;
  const matches = (label: string): boolean => {
    if (label.length === 0 || label.length > MAX_LABEL_BYTES) return false;
    let state = 0;
    for (let i = 0; i < label.length; i++) {
      const letter = NUMBER_OF[label.charCodeAt(i)] ?? DEAD;
      if (letter === DEAD) return false;
      state = next[state * ALPHABET.length + letter]!;
      if (state === DEAD) return false;
    }
    return accepts[state]!;
  };
  return { value: { text, counts, automaton, matches } };
}

/** How many names a rule lets through: the labels of its set, as many of them as fit into a name (RFC 1035 2.3.4). */
export function countNames({ reach, base }: NamePattern, { counts }: LabelSet): bigint {
  if (reach === "exact") return 1n;
  // A length byte before each label of the base, and the root's.
  const room = MAX_NAME_BYTES - (base === "." ? 1 : base.length + 2);
  if (reach === "one") return counts.slice(0, Math.max(0, room)).reduce((sum, n) => sum + n, 0n);
  // By how many bytes the labels in front take.
  const names = [1n];
  for (let bytes = 1; bytes <= room; bytes++) {
    let sum = 0n;
    for (let length = 1; length < Math.min(bytes, counts.length); length++) {
      sum += counts[length]! * names[bytes - length - 1]!;
    }
    names.push(sum);
  }
  return names.slice(1).reduce((sum, n) => sum + n, 0n);
}
