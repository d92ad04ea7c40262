/**
 * The bound against a count: on tiny tables every behaviour of clients is tried, through a model of the table's rule
 * that shares nothing with the formula, and the different traces upstream are counted.
 */

import assert from "node:assert/strict";
import {
  learnBound,
  pairBound,
  pairRestartBound,
  wildcardBound,
} from "../../src/policy/leak_bound.ts";
import { log2Up, ONE_BIT } from "../../src/policy/log2.ts";

/** What clients ask on one tick, in the order in which they ask. */
type Asks = readonly number[];

/**
 * A question that comes too early waits for the floor's end, or is answered from the table; and if it is, a refresh may
 * follow when the answer's life ends, so many ticks after the floor.
 */
type Early = "waits" | "is answered" | { readonly refreshed: number };

/** A table of exact pairs, numbered from 0. */
interface Table {
  /** The floor of each pair, in ticks. */
  readonly gaps: readonly number[];
  /** What becomes of a question that comes too early. */
  readonly early: Early;
  /** Ticks on which the program has just been started. */
  readonly restarts: readonly number[];
}

/** The emissions on each tick, by the rule of the table: at most one start of a pair in its floor. */
function emitExact(table: Table, asked: readonly Asks[]): number[][] {
  const { early } = table;
  const last = table.gaps.map(() => -Infinity);
  const waiting = new Set<number>();
  return asked.map((asks, tick) => {
    if (table.restarts.includes(tick)) {
      last.fill(-Infinity);
      waiting.clear();
    }
    for (const pair of asks) waiting.add(pair);
    const more = typeof early === "object" ? early.refreshed : 0;
    const leaving = [...waiting].filter((pair) => tick - last[pair]! >= table.gaps[pair]! + more);
    for (const pair of leaving) last[pair] = tick;
    // To wait for the floor's end and to be the reason for a refresh then are the same.
    if (early === "is answered") waiting.clear();
    for (const pair of leaving) waiting.delete(pair);
    return leaving.sort();
  });
}

/** The emissions on each tick for names below wildcards: in the order asked, while the budget of a sliding window lasts. */
function emitWild(
  { budget, window, restarts }: { budget: number; window: number; restarts: readonly number[] },
  asked: readonly Asks[],
): number[][] {
  let spent: number[] = [];
  return asked.map((asks, tick) => {
    if (restarts.includes(tick)) spent = [];
    spent = spent.filter((when) => tick - when < window);
    const leaving = asks.slice(0, budget - spent.length);
    spent.push(...leaving.map(() => tick));
    return leaving;
  });
}

/** Every behaviour of so many ticks, where each tick has one of some choices. */
function* behaviours(choices: readonly Asks[], ticks: number): Generator<Asks[]> {
  const picked = new Array<number>(ticks).fill(0);
  while (true) {
    yield picked.map((choice) => choices[choice]!);
    let at = 0;
    while (at < ticks && ++picked[at]! === choices.length) picked[at++] = 0;
    if (at === ticks) return;
  }
}

/** Every set of some pairs. */
function subsets(pairs: number): Asks[] {
  return Array.from(
    { length: 2 ** pairs },
    (_, bits) =>
      Array.from({ length: pairs }, (_, pair) => pair).filter((pair) => bits >> pair & 1),
  );
}

/** Every row of different words, in every order. */
function rows(words: number, most: number): Asks[] {
  const longer = (row: Asks): Asks[] => [
    row,
    ...(row.length === most ? [] : Array.from({ length: words }, (_, word) => word)
      .filter((word) => !row.includes(word))
      .flatMap((word) => longer([...row, word]))),
  ];
  return longer([]);
}

/** How many different traces the last `ticks` of all behaviours leave. */
function countTraces(
  choices: readonly Asks[],
  { before, ticks }: { before: number; ticks: number },
  emit: (asked: readonly Asks[]) => readonly Asks[],
): number {
  const traces = new Set<string>();
  for (const asked of behaviours(choices, before + ticks)) {
    traces.add(emit(asked).slice(before).map((names) => names.join(",")).join(";"));
  }
  return traces.size;
}

function assertBound(fixed: bigint, count: number, slack: number): void {
  const bits = Number(fixed) / Number(ONE_BIT);
  assert.ok(log2Up(BigInt(count)) <= fixed, `${count} traces, more than ${bits} bits tell apart`);
  assert.ok(bits <= slack * Math.log2(count), `${bits} bits for ${count} traces are too many`);
}

/** Ticks in the window, ticks before it, and the floor of each pair in ticks. */
const EXACT: readonly [ticks: number, before: number, gaps: readonly number[]][] = [
  [1, 1, [1]],
  [6, 3, [1]],
  [10, 4, [2]],
  [12, 3, [3]],
  [7, 5, [5]],
  [8, 4, [4]],
  [5, 9, [9]],
  [5, 2, [2, 2]],
  [5, 3, [2, 3]],
  [4, 1, [1, 4]],
  [4, 1, [2, 2, 3]],
];

for (const [ticks, before, gaps] of EXACT) {
  for (const early of ["waits", "is answered", { refreshed: 2 }] as const) {
    const how = typeof early === "string" ? early : `is refreshed ${early.refreshed} ticks later`;
    Deno.test(`${ticks} ticks, floors of ${gaps.join(" and ")}; what comes early ${how}`, () => {
      const count = countTraces(
        subsets(gaps.length),
        { before, ticks },
        (asked) => emitExact({ gaps, early, restarts: [] }, asked),
      );
      const bound = gaps.reduce((sum, gap) => sum + pairBound(ticks, gap), 0n);
      // Who is answered for longer than the floor leaves less behind than the bound allows for.
      assertBound(bound, count, typeof early === "object" ? 3 : 1.25);
    });
  }
}

Deno.test("a floor as long as the window, or no floor at all: the bound is the count", () => {
  const count = (ticks: number, gap: number): number =>
    countTraces(
      subsets(1),
      { before: 0, ticks },
      (asked) => emitExact({ gaps: [gap], early: "is answered", restarts: [] }, asked),
    );
  for (const [ticks, gap] of [[7, 7], [7, 12], [7, 1], [8, 8]] as const) {
    assert.equal(pairBound(ticks, gap), log2Up(BigInt(count(ticks, gap))), `${ticks} ${gap}`);
  }
});

/** Ticks in the window, ticks before it, the words of all wildcards, the budget in a window. */
const WILD: readonly [ticks: number, before: number, words: number, budget: number][] = [
  [6, 0, 2, 1],
  [6, 0, 2, 2],
  [5, 0, 3, 2],
  [5, 0, 2, 3],
  [3, 0, 3, 3],
  [4, 3, 2, 2],
  [3, 2, 3, 2],
  [8, 4, 1, 2],
  [8, 0, 1, 0],
];

for (const [ticks, before, words, budget] of WILD) {
  Deno.test(`${ticks} ticks, ${words} words below wildcards, a budget of ${budget}`, () => {
    const count = countTraces(
      rows(words, budget),
      { before, ticks },
      (asked) => emitWild({ budget, window: ticks, restarts: [] }, asked),
    );
    const bound = wildcardBound(ticks, BigInt(words), budget);
    if (budget === 0) assert.deepEqual([count, bound], [1, 0n]);
    else assertBound(bound, count, 1.6);
  });
}

/**
 * The emissions on each tick for names that are learned: while there is room in a sliding window for new ones and for
 * repeats. Of those that left, so many are known, the ones that left last.
 */
function emitLearned(
  { names, repeats, known, window }: Record<"names" | "repeats" | "known" | "window", number>,
  asked: readonly Asks[],
): number[][] {
  let spent: { readonly tick: number; readonly isNew: boolean }[] = [];
  let left: number[] = [];
  return asked.map((asks, tick) => {
    spent = spent.filter((one) => tick - one.tick < window);
    return asks.filter((word) => {
      const isNew = !left.includes(word);
      if (spent.filter((one) => one.isNew === isNew).length >= (isNew ? names : repeats)) {
        return false;
      }
      spent.push({ tick, isNew });
      left = [...left.filter((one) => one !== word), word].slice(-known);
      return true;
    });
  });
}

/** Ticks in the window, ticks before it, words, and of those that are learned how many are new, repeats, and known. */
const LEARNED: readonly [
  ticks: number,
  before: number,
  words: number,
  caps: readonly [names: number, repeats: number, known: number],
][] = [
  [5, 0, 3, [1, 1, 2]],
  [3, 2, 3, [1, 1, 1]],
  [3, 1, 3, [1, 2, 2]],
  [4, 0, 3, [2, 1, 3]],
  [3, 1, 3, [2, 1, 1]],
  [4, 0, 4, [2, 0, 4]],
];

for (const [ticks, before, words, [names, repeats, known]] of LEARNED) {
  Deno.test(`${ticks} ticks, ${words} words to learn, ${names} new ones, ${repeats} repeats of ${known}`, () => {
    const count = countTraces(
      rows(words, names + repeats),
      { before, ticks },
      (asked) => emitLearned({ names, repeats, known, window: ticks }, asked),
    );
    const bound = learnBound(ticks, {
      names,
      repeats,
      words: BigInt(words),
      knownWords: BigInt(known),
    });
    assertBound(bound, count, 2.2);
  });
}

Deno.test("an exact pair and wildcards together: their bits add up", () => {
  const ticks = 4;
  const pairs = subsets(1);
  const both = pairs.flatMap((asks) => rows(2, 2).map((row) => [asks, row] as const));
  const choices = both.map((_, choice) => [choice]);
  const count = countTraces(choices, { before: 0, ticks }, (asked) => {
    const chosen = asked.map(([choice]) => both[choice!]!);
    const exact = emitExact(
      { gaps: [2], early: "waits", restarts: [] },
      chosen.map(([asks]) => asks),
    );
    const wild = emitWild(
      { budget: 2, window: ticks, restarts: [] },
      chosen.map(([, row]) => row),
    );
    // Pairs of the table first, as in its order; wildcards' words are 10 and 11.
    return exact.map((names, tick) => [...names, ...wild[tick]!.map((word) => word + 10)]);
  });
  assertBound(pairBound(ticks, 2) + wildcardBound(ticks, 2n, 2), count, 1.4);
});

Deno.test("a restart anywhere in the window adds no more than it is charged", () => {
  for (const [ticks, gap] of [[8, 3], [8, 4], [7, 7], [6, 10], [6, 1]] as const) {
    for (let at = 1; at <= ticks; at++) {
      // The ticks of the second life need not fit those of the first: the window may hold one more.
      const count = countTraces(
        subsets(1),
        { before: 0, ticks: ticks + 1 },
        (asked) => emitExact({ gaps: [gap], early: "waits", restarts: [at] }, asked),
      );
      const bound = pairBound(ticks, gap) + pairRestartBound(ticks, gap);
      assertBound(bound, count, 2);
    }
  }
  for (let at = 0; at < 4; at++) {
    const count = countTraces(
      rows(2, 2),
      { before: 0, ticks: 4 },
      (asked) => emitWild({ budget: 2, window: 4, restarts: [at] }, asked),
    );
    assertBound(2n * wildcardBound(4, 2n, 2), count, 2.5);
  }
});

Deno.test("two restarts in one floor cost two charges", () => {
  const count = countTraces(
    subsets(1),
    { before: 0, ticks: 6 },
    (asked) => emitExact({ gaps: [6], early: "waits", restarts: [2, 4] }, asked),
  );
  assertBound(pairBound(6, 6) + 2n * pairRestartBound(6, 6), count, 2);
});
