/**
 * An expression as a deterministic automaton: it walks a label in one pass, and its words can be counted exactly,
 * because each word has one path.
 */

import { ALPHABET, type Expression } from "./label_syntax.ts";

/** No way on from here. */
export const DEAD = -1;

/** A deterministic automaton over the letters of `ALPHABET`. It starts in state 0. */
export interface Automaton {
  /** The state after `state` and `letter`, at `state * ALPHABET.length + letter`; `DEAD`: none. */
  readonly next: Int32Array;
  /** Whether a word may end, by state. */
  readonly accepts: readonly boolean[];
}

/** How large automata may grow: what is larger is refused, or it would take too long. */
const MOST_NODES = 2000;
const MOST_STATES = 2000;
const MOST_STEPS = 2_000_000;

/** A node of the automaton that still has choices: a letter to take, or several ways to go on without one. */
type Node =
  | { readonly letters: ReadonlySet<number>; readonly next: number }
  | { readonly ways: readonly number[] };

/** The end of every word. */
const END = 0;

/** Builds the automaton of an expression; undefined where it would be too large. */
export function buildAutomaton(expression: Expression): Automaton | undefined {
  const nodes: Node[] = [{ ways: [] }];
  const start = addNodes(expression, END, nodes);
  return start === undefined ? undefined : determine(nodes, start);
}

/** Adds what stands for an expression that goes on at `after`; where it begins, or undefined: too large. */
function addNodes(expression: Expression, after: number, nodes: Node[]): number | undefined {
  const add = (node: Node): number | undefined => {
    if (nodes.length >= MOST_NODES) return undefined;
    return nodes.push(node) - 1;
  };
  switch (expression.kind) {
    case "letter":
      return add({ letters: expression.letters, next: after });
    case "sequence":
      return expression.parts.reduceRight<number | undefined>(
        (next, part) => next === undefined ? undefined : addNodes(part, next, nodes),
        after,
      );
    case "choice": {
      const ways: number[] = [];
      for (const part of expression.parts) {
        const way = addNodes(part, after, nodes);
        if (way === undefined) return undefined;
        ways.push(way);
      }
      return add({ ways });
    }
    case "repeat": {
      let next: number | undefined = after;
      for (let i = expression.most; i > 0 && next !== undefined; i--) {
        const once: number | undefined = addNodes(expression.part, next, nodes);
        const isOptional = i > expression.least;
        next = once === undefined || !isOptional ? once : add({ ways: [once, after] });
      }
      return next;
    }
  }
}

/** The subset construction: each state stands for all the nodes that one word can lead to. */
function determine(nodes: readonly Node[], start: number): Automaton | undefined {
  const numbers = new Map<string, number>();
  const states: number[][] = [];
  let steps = 0;
  const numberOf = (reached: readonly number[]): number => {
    const state = closure(nodes, reached);
    steps += reached.length + state.length;
    const key = state.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    return states.push(state) - 1;
  };
  numberOf([start]);
  const twins = findTwins(nodes);
  const next: number[] = [];
  for (let i = 0; i < states.length; i++) {
    if (states.length > MOST_STATES || steps > MOST_STEPS) return undefined;
    const known = new Map<number, number>();
    for (const twin of twins) {
      if (!known.has(twin)) {
        const reached = stepsFrom(nodes, states[i]!, twin);
        steps += states[i]!.length;
        known.set(twin, reached.length === 0 ? DEAD : numberOf(reached));
      }
      next.push(known.get(twin)!);
    }
  }
  return { next: Int32Array.from(next), accepts: states.map((state) => state.includes(END)) };
}

/** For each letter the first one that stands in just the same classes: what holds for one holds for the other. */
function findTwins(nodes: readonly Node[]): number[] {
  const classes = new Set(nodes.flatMap((node) => "ways" in node ? [] : [node.letters]));
  const first = new Map<string, number>();
  return Array.from(ALPHABET, (_, letter) => {
    const key = [...classes].map((letters) => letters.has(letter) ? 1 : 0).join("");
    if (!first.has(key)) first.set(key, letter);
    return first.get(key)!;
  });
}

/** The nodes that a letter leads to. */
function stepsFrom(nodes: readonly Node[], state: readonly number[], letter: number): number[] {
  return state.flatMap((number) => {
    const node = nodes[number]!;
    return "ways" in node || !node.letters.has(letter) ? [] : [node.next];
  });
}

/** The nodes that take a letter, or end, and can be reached without one; in order. */
function closure(nodes: readonly Node[], reached: readonly number[]): number[] {
  const seen = new Set<number>();
  const left = [...reached];
  for (let number = left.pop(); number !== undefined; number = left.pop()) {
    if (seen.has(number)) continue;
    seen.add(number);
    const node = nodes[number]!;
    if ("ways" in node) left.push(...node.ways);
  }
  return [...seen]
    .filter((number) => number === END || !("ways" in nodes[number]!))
    .sort((a, b) => a - b);
}

/** How many words of each length it has, from 0 to `longest` letters. */
export function countWords({ next, accepts }: Automaton, longest: number): bigint[] {
  const size = ALPHABET.length;
  // How often each way leads to which state: most letters of a class lead to the same one.
  const ways = accepts.map((_, state) => {
    const counts = new Map<number, number>();
    for (const to of next.subarray(state * size, (state + 1) * size)) {
      if (to !== DEAD) counts.set(to, (counts.get(to) ?? 0) + 1);
    }
    return [...counts].map(([to, count]) => [to, BigInt(count)] as const);
  });
  let words = new Map<number, bigint>([[0, 1n]]);
  const counts: bigint[] = [];
  for (let length = 0; length <= longest; length++) {
    let accepted = 0n;
    const longer = new Map<number, bigint>();
    for (const [state, count] of words) {
      if (accepts[state]) accepted += count;
      for (const [to, letters] of ways[state]!) {
        longer.set(to, (longer.get(to) ?? 0n) + count * letters);
      }
    }
    counts.push(accepted);
    words = longer;
  }
  return counts;
}

/** Whether each word of `a` that has up to `longest` letters, and one at least, is a word of `b`. */
export function isSubset(a: Automaton, b: Automaton, longest: number): boolean {
  // A pair of states that was reached by fewer letters leads to all that it leads to by more.
  const seen = new Set<number>();
  let reached: (readonly [number, number])[] = [[0, 0]];
  for (let length = 1; length <= longest && reached.length > 0; length++) {
    const next: [number, number][] = [];
    for (const [inA, inB] of reached) {
      for (let letter = 0; letter < ALPHABET.length; letter++) {
        const toA = step(a, inA, letter);
        if (toA === DEAD) continue;
        const toB = step(b, inB, letter);
        if (a.accepts[toA] && !b.accepts[toB]) return false;
        const pair = toA * (b.accepts.length + 1) + toB;
        if (seen.has(pair)) continue;
        seen.add(pair);
        next.push([toA, toB]);
      }
    }
    reached = next;
  }
  return true;
}

function step({ next }: Automaton, state: number, letter: number): number {
  return state === DEAD ? DEAD : next[state * ALPHABET.length + letter]!;
}
