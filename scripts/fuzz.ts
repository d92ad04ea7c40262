/**
 * Fuzzes packets and TCP streams of clients, answers of upstreams, and policy files, from the corpus on.
 *
 * `deno task fuzz [--minutes N | --seconds N] [--seed N] [--kind packet|stream|answer|policy]`. Ends with 1 where
 * something is found, which is written to `fuzz-found/` as a file for `tests/corpus/`. Needs dnspython (Debian:
 * python3-dnspython).
 */

import { parseArgs } from "node:util";
import { Answers } from "./fuzz/answers.ts";
import { formatEntry, readCorpus } from "./fuzz/corpus.ts";
import { Dnspython } from "./fuzz/dnspython.ts";
import { Packets } from "./fuzz/packets.ts";
import { Policies } from "./fuzz/policies.ts";
import { type Finding, fuzz, type Run } from "./fuzz/run.ts";
import { Streams } from "./fuzz/streams.ts";
import type { Kind, Target } from "./fuzz/target.ts";
import { print } from "./print.ts";

/** The targets, and which part of the time each has. */
const TARGETS: readonly (readonly [Target, number])[] = [
  [new Packets(), 0.3],
  [new Streams(), 0.2],
  [new Answers(), 0.3],
  [new Policies(), 0.2],
];

const FOUND = "fuzz-found";

/** Fuzzes every kind, or one, for so many seconds in all; what each came to. Throws where dnspython is missing. */
export async function fuzzAll(
  seconds: number,
  seed: number,
  only?: string,
): Promise<Map<Kind, Run>> {
  const corpus = await readCorpus();
  const reader = await Dnspython.start();
  const targets = TARGETS.filter(([{ kind }]) => only === undefined || kind === only);
  if (targets.length === 0) throw new Error(`Cannot fuzz ${only}: no such kind`);
  const whole = targets.reduce((sum, [, part]) => sum + part, 0);
  const runs = new Map<Kind, Run>();
  for (const [target, part] of targets) {
    const seeds = corpus.filter(({ kind }) => kind === target.kind).map(({ input }) => input);
    const run = await fuzz(target, seconds * part / whole, seed, seeds, reader);
    runs.set(target.kind, run);
    tell(target.kind, run);
    if (run.finding !== undefined) await save(target.kind, run.finding, seed);
  }
  await reader.stop();
  return runs;
}

function tell(kind: Kind, { inputs, replies, seconds, heap, finding }: Run): void {
  const [early, late] = heap.map((one) => `${(one.heap / 1024 / 1024).toFixed(1)} MiB`);
  const head = `${kind.padEnd(6)}  ${inputs} inputs, ${Math.round(inputs / seconds)} a second, ` +
    `${replies} replies read; heap ${early} → ${late}`;
  print(finding === undefined ? head : `${head}\nFOUND   ${finding.problem}`);
}

async function save(kind: Kind, { problem, input }: Finding, seed: number): Promise<void> {
  if (input === undefined) return print(`        again with --kind ${kind} --seed ${seed}`);
  await Deno.mkdir(FOUND, { recursive: true });
  const what = problem.split("\n").slice(0, 3).join("\n").slice(0, 400);
  const file = `${FOUND}/${kind}-${seed}.txt`;
  await Deno.writeTextFile(file, formatEntry({ what, kind, expect: "…", input }));
  print(`        ${file}: say what it is, put in what to expect, and move it to tests/corpus/`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      seconds: { type: "string" },
      seed: { type: "string" },
      kind: { type: "string" },
    },
  });
  const seconds = Number(values.seconds ?? 60 * Number(values.minutes));
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  print(`seed ${seed}, ${seconds} s`);
  const runs = await fuzzAll(seconds, seed, values.kind);
  if ([...runs.values()].some(({ finding }) => finding !== undefined)) Deno.exit(1);
}
