/** What a run comes to: one peer with one policy. */

import type { Question } from "./question.ts";
import { compareVerdicts, type Standing, type Verdict } from "./verdict.ts";
import type { Arrival } from "./upstream.ts";

/** Questions of one class whose verdict differs in the same way. */
export interface Group {
  readonly edge: string;
  readonly kind: Question["kind"];
  readonly marks: Question["marks"];
  readonly type: Question["type"];
  readonly how: "UDP" | "TCP";
  readonly standing: Exclude<Standing, "same">;
  readonly ours: string;
  readonly theirs: string;
  count: number;
  readonly example: string;
}

/** Questions of one class that reached the upstream although the policy does not let them. */
export interface Leak {
  readonly edge: string;
  readonly kind: Question["kind"];
  readonly marks: Question["marks"];
  readonly type: Question["type"];
  count: number;
  readonly example: string;
}

/** What an exporter says that an engine does otherwise. */
export interface Declared {
  readonly what: string;
  readonly instead: string;
}

/** One peer with one policy. */
export interface Outcome {
  readonly peer: string;
  readonly policy: string;
  readonly asked: number;
  readonly same: number;
  readonly groups: readonly Group[];
  readonly leaks: readonly Leak[];
  /** Questions that the peer asked of its own accord, such as `. NS`: they say nothing of a client. */
  readonly own: readonly string[];
  /** Packets that left for anyone but the upstream. */
  readonly elsewhere: number;
  readonly declared: readonly Declared[];
  /** Why nothing was asked. */
  readonly failure?: string;
}

/** Collects differences by class. */
export class Groups {
  readonly #all = new Map<string, Group>();

  get all(): readonly Group[] {
    return [...this.#all.values()];
  }

  add(question: Question, how: Group["how"], ours: Verdict, theirs: Verdict): void {
    const standing = compareVerdicts(ours, theirs);
    if (standing === "same") return;
    const { edge, kind, marks, type, text } = question;
    const words = sayBoth(ours, theirs);
    const key = [edge, kind, marks, type, how, standing, ...words].join("\n");
    const known = this.#all.get(key);
    if (known !== undefined) return void known.count++;
    const [mine, others] = words;
    this.#all.set(key, {
      ...{ edge, kind, marks, type, how, standing },
      ...{ ours: mine, theirs: others, count: 1, example: text },
    });
  }
}

function sayBoth(ours: Verdict, theirs: Verdict): [string, string] {
  if (ours.word !== theirs.word) return [ours.word, theirs.word];
  return [ours.word, `another ${theirs.word}`];
}

const ODD_SHAPE = "a query of an odd shape";

/** Finds what came upstream that the policy does not let through. */
export function findLeaks(
  arrivals: readonly Arrival[],
  questions: readonly Question[],
  isNone: (arrival: Arrival) => boolean,
): { leaks: Leak[]; own: string[] } {
  const asked = new Map<string, Question>();
  for (const one of questions) {
    const key = keyOf(one.name ?? "", one.type);
    // A plain question comes before one of an odd shape; of those it is not known which one it was.
    if (!asked.has(key)) {
      asked.set(key, one.kind === "malformed" ? { ...one, edge: ODD_SHAPE } : one);
    }
  }
  const leaks = new Map<string, Leak>();
  const own = new Set<string>();
  for (const arrival of arrivals) {
    const question = asked.get(keyOf(arrival.name, arrival.type));
    if (question?.kind === "allow") continue;
    if (question === undefined && isNone(arrival)) {
      own.add(keyOf(arrival.name, arrival.type));
      continue;
    }
    const { type } = arrival;
    const { edge, kind, marks, text } = question ?? {
      ...{ edge: "a name that was not asked for so", text: arrival.name },
      ...{ kind: "deny" as const, marks: [] as const },
    };
    const key = [edge, kind, marks, type].join("\n");
    const known = leaks.get(key);
    if (known !== undefined) known.count++;
    else leaks.set(key, { edge, kind, marks, type, count: 1, example: text });
  }
  return { leaks: [...leaks.values()], own: [...own] };
}

function keyOf(name: string, type: number | undefined): string {
  return `${name} ${type}`;
}
