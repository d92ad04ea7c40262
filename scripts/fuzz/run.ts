/** Fuzzes one target for a while, and looks closer at what fails, hangs or grows. */

import { Dice } from "./dice.ts";
import type { Dnspython } from "./dnspython.ts";
import { fails, minimise } from "./minimise.ts";
import type { Input, Outcome, Target } from "./target.ts";

/** What one input may cost in CPU time, in ms. */
const HANG = 50;

/** What the heap may have grown by between a quarter of the time and its end: a part of it, and so many bytes. */
const [GROWTH, GROWTH_BYTES] = [1.2, 4 * 1024 * 1024];

/** The same of buffers: receive loops and connections of two firewalls have some, which a flood brings up to their bound. */
const BUFFERS_BYTES = 32 * 1024 * 1024;

/** How long to look for the one input that is to blame, in ms. */
const MOST_TIME = 15_000;

/** After so many rounds all buffers there can be are there. */
const WARM = 100;

/** What is slow each of so many times is no accident. */
const TRIES_OF_SLOW = 3;

/** After so many rounds all begins anew: some states come only at a start, and policies differ. */
const ROUNDS_OF_ONE = 2000;

/** So many rounds may be with the second reader. */
const MOST_UNREAD = 4;

/** Something that must never be. */
export interface Finding {
  readonly problem: string;
  /** Undefined: no one input is to blame. */
  readonly input: Input | undefined;
}

/** Memory in use, in bytes. */
export interface Memory {
  readonly heap: number;
  /** Outside of the heap. */
  readonly buffers: number;
}

/** What a run came to. */
export interface Run {
  readonly inputs: number;
  readonly replies: number;
  readonly seconds: number;
  /** After a quarter of the time and at its end. */
  readonly heap: readonly [Memory, Memory];
  readonly finding: Finding | undefined;
}

/** Fuzzes for so many seconds. */
export async function fuzz(
  target: Target,
  seconds: number,
  seed: number,
  seeds: readonly Input[],
  reader: Dnspython,
): Promise<Run> {
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1000;
  const dice = new Dice(seed);
  const unread: { inputs: readonly Input[]; verdict: Promise<string | undefined> }[] = [];
  const state = { inputs: 0, replies: 0, usual: 0, early: NOTHING };
  let finding: Finding | undefined;
  for (let round = 1; finding === undefined && elapsed() < seconds; round++) {
    const inputs = Array.from({ length: target.together }, () => target.make(dice, seeds));
    const outcomes = await target.tryAll(inputs);
    const took = target.cost;
    state.inputs += inputs.length;
    if (outcomes.some(({ problem }) => problem !== undefined)) {
      finding = await closeUp(target, inputs, outcomes);
    } else if (took > HANG + 2 * state.usual) {
      finding = await findHang(target, inputs, HANG + 2 * state.usual);
    }
    state.usual += (took - state.usual) / Math.min(round, 50);
    const replies = target.takeReplies();
    state.replies += replies.length;
    if (replies.length > 0) unread.push({ inputs, verdict: reader.check(replies) });
    if (finding === undefined && unread.length > MOST_UNREAD) {
      finding = await readBack(target, unread.shift()!, reader);
    }
    if (round % ROUNDS_OF_ONE === 0) target.renew();
    const isWarm = round >= WARM && elapsed() > seconds / 4;
    if (state.early === NOTHING && isWarm) state.early = inUse();
  }
  for (const one of unread) finding ??= await readBack(target, one, reader);
  const heap = [state.early, inUse()] as const;
  finding ??= judgeGrowth(heap);
  target.renew();
  return { inputs: state.inputs, replies: state.replies, seconds: elapsed(), heap, finding };
}

/** Which of several inputs is to blame, made as small as can be. */
async function closeUp(
  target: Target,
  inputs: readonly Input[],
  outcomes: readonly Outcome[],
): Promise<Finding> {
  const first = outcomes.find(({ problem }) => problem !== undefined)!.problem!;
  const suspects = [
    ...inputs.filter((_, i) => outcomes[i]!.problem !== undefined),
    ...inputs,
  ];
  const end = performance.now() + MOST_TIME;
  for (const input of suspects) {
    if (performance.now() > end) break;
    if (await fails(target, input) === undefined) continue;
    const small = await minimise(input, async (one) => await fails(target, one) !== undefined);
    return { problem: await fails(target, small) ?? first, input: small };
  }
  return { problem: `${first} (no input that was tried does this alone)`, input: undefined };
}

/** What the second reader says, when it has read. */
async function readBack(
  target: Target,
  { inputs, verdict }: { inputs: readonly Input[]; verdict: Promise<string | undefined> },
  reader: Dnspython,
): Promise<Finding | undefined> {
  const problem = await verdict;
  if (problem === undefined) return undefined;
  const isBad = async (input: Input): Promise<boolean> => {
    await fails(target, input);
    return await reader.check(target.takeReplies()) !== undefined;
  };
  for (const input of inputs) {
    if (await isBad(input)) return { problem, input: await minimise(input, isBad) };
  }
  return { problem, input: undefined };
}

/**
 * The first input that takes too much of the processor, each time that it is tried. A busy machine makes much look slow
 * once: so first all of them are tried again, and only where that takes long each time, one after the other.
 */
async function findHang(
  target: Target,
  inputs: readonly Input[],
  most: number,
): Promise<Finding | undefined> {
  const isSlow = async (tried: readonly Input[], limit: number): Promise<boolean> => {
    for (let i = 0; i < TRIES_OF_SLOW; i++) {
      await target.tryAll(tried);
      if (target.cost <= limit) return false;
    }
    return true;
  };
  if (!await isSlow(inputs, most)) return undefined;
  for (const input of inputs) {
    if (!await isSlow([input], HANG)) continue;
    const small = await minimise(input, (one) => isSlow([one], HANG));
    return { problem: `more than ${HANG} ms of CPU time`, input: small };
  }
  return undefined;
}

/** Not measured. */
const NOTHING: Memory = { heap: 0, buffers: 0 };

/** What is in use after all garbage has been taken out. */
function inUse(): Memory {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) {
    throw new Error("Cannot measure the heap: start with --v8-flags=--expose-gc");
  }
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return { heap: heapUsed, buffers: external };
}

function judgeGrowth([early, late]: readonly [Memory, Memory]): Finding | undefined {
  if (early === NOTHING) return undefined;
  const isGrown = late.heap > early.heap * GROWTH + GROWTH_BYTES ||
    late.buffers > early.buffers + BUFFERS_BYTES;
  const told = [early, late].map(({ heap, buffers }) => `${heap} bytes and ${buffers} of buffers`);
  return isGrown
    ? { problem: `memory grew from ${told.join(" to ")}`, input: undefined }
    : undefined;
}
