/** What the questions of a soak came to, counted by what was asked. */

import type { Asked, Finding } from "./judge.ts";

/** How many problems of one kind are told in words. */
const TOLD = 12;

/** What is counted of one kind of question. */
export interface Row {
  asked: number;
  right: number;
  stale: number;
  truncated: number;
  servfail: number;
  denied: number;
  /** No reply, where there need be none. */
  silent: number;
  /** No reply to a first try during a flood, or while the machine was busy with other things. */
  excused: number;
  wrong: number;
  lost: number;
  leaked: number;
  /** SERVFAIL that should have been an answer. */
  needless: number;
}

const EMPTY: Readonly<Row> = {
  asked: 0,
  right: 0,
  stale: 0,
  truncated: 0,
  servfail: 0,
  denied: 0,
  silent: 0,
  excused: 0,
  wrong: 0,
  lost: 0,
  leaked: 0,
  needless: 0,
};

/** The kind of question that one is counted as. */
function kindOf({ what, group }: Asked): string {
  return what === "plain" ? group! : what;
}

/** Counts findings, and keeps what was bad. */
export class Tally {
  readonly rows = new Map<string, Row>();
  /** The first of what was bad, in words, and how much there was in all. */
  readonly problems: string[] = [];
  problemCount = 0;
  readonly #complaints = new Map<string, number>();

  /** Counts a question. */
  ask(asked: Asked): void {
    this.#row(asked).asked++;
  }

  /** Counts what it came to; `at` is when (ms since the start). */
  add(asked: Asked, finding: Finding, at: number): void {
    const row = this.#row(asked);
    const { outcome, problem } = finding;
    if (outcome === "bad") {
      row[problem === "servfail" ? "needless" : problem!]++;
      const { name, type, transport } = asked;
      return this.complain(
        `${problem}: ${name} ${type} over ${transport}, asked ${asked.at}, judged ${at}: ${finding.words}`,
      );
    }
    row[outcome]++;
  }

  /** Notes that something is not as it should be. */
  complain(words: string): void {
    this.problemCount++;
    const [kind = ""] = words.split(":");
    const count = (this.#complaints.get(kind) ?? 0) + 1;
    this.#complaints.set(kind, count);
    if (count <= TOLD) this.problems.push(words);
  }

  /** The sum of all kinds. */
  get total(): Row {
    const sum = { ...EMPTY };
    for (const row of this.rows.values()) {
      for (const key of Object.keys(sum) as (keyof Row)[]) sum[key] += row[key];
    }
    return sum;
  }

  #row(asked: Asked): Row {
    const kind = kindOf(asked);
    let row = this.rows.get(kind);
    if (row === undefined) this.rows.set(kind, row = { ...EMPTY });
    return row;
  }
}
