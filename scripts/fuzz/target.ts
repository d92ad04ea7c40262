/** What is fuzzed, and what is said of one input. */

import { cpuUsage } from "node:process";
import type { Dice } from "./dice.ts";

/** The kinds of input. */
export type Kind = "packet" | "stream" | "answer" | "policy";

/** One input in parts; what a part is, its target says. */
export type Input = readonly Uint8Array[];

/** What became of an input. */
export interface Outcome {
  /** In a word or two, for the corpus. */
  readonly word: string;
  /** What must never be; undefined: nothing. */
  readonly problem: string | undefined;
}

/** One kind of input, how it is made, and what tries it. */
export interface Target {
  readonly kind: Kind;
  /** How many inputs are tried together. */
  readonly together: number;
  /** Makes an input, as a rule from one of `seeds`, which is not empty. */
  make(dice: Dice, seeds: readonly Input[]): Input;
  /** What becomes of several inputs that follow each other. Rejects only where this file itself is wrong. */
  tryAll(inputs: readonly Input[]): Promise<Outcome[]>;
  /** The CPU time that the program has taken for what was tried last, in ms: without what it takes to judge that. */
  readonly cost: number;
  /** Begins anew, with nothing left of the inputs before. */
  renew(): void;
  /** Replies to clients since this was called last, with what a second reader has to look at. */
  takeReplies(): Uint8Array[];
}

/** The CPU time that this process has taken, in ms. */
export function cpuTime(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** What an error says, for a finding. */
export function threw(error: unknown): string {
  return `threw ${error instanceof Error ? error.stack ?? error.message : String(error)}`;
}
