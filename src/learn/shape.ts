/** Labels that look alike → an expression for them, as tight as `labels` in a policy can say it. */

import { isChance } from "./chance.ts";
import { numberExpression, repeat } from "./number_range.ts";

/** Labels of one shape. */
export interface Shape {
  readonly labels: readonly string[];
  /** As `labels` in a policy has it. */
  readonly expression: string;
  /** Whether something in them looks like chance, and not like words and numbers. */
  readonly hasChance: boolean;
}

/** A piece of a label. */
type Piece = { readonly kind: "text" | "number" | "chance"; readonly text: string };

/** Finds the shapes that at least `least` of some labels have; labels of no such shape are left out. */
export function findShapes(labels: readonly string[], least: number): Shape[] {
  const pieces = new Map(labels.map((label) => [label, split(label)]));
  const groups = Map.groupBy(labels, (label) => keyOf(pieces.get(label)!));
  const shapes: Shape[] = [];
  const left = new Set(labels);
  for (const group of groups.values()) {
    const columns = pieces.get(group[0]!)!;
    if (group.length < least || columns.every(({ kind }) => kind === "text")) continue;
    const all = [...group, ...strays(group, columns, left)];
    for (const label of all) left.delete(label);
    shapes.push(describe(all, columns, pieces, all.length > group.length));
  }
  return shapes;
}

/** `node-07a3f9c1-eu` → text, chance, text; `node-07` → text, number. */
function split(label: string): Piece[] {
  const pieces: Piece[] = [];
  const push = (kind: Piece["kind"], text: string): void => {
    const last = pieces.at(-1);
    if (kind === "text" && last?.kind === "text") {
      pieces[pieces.length - 1] = { kind, text: last.text + text };
    } else if (text !== "") pieces.push({ kind, text });
  };
  for (const part of label.split(/([-_]+)/)) {
    if (isChance(part) || isShortChance(part)) push("chance", part);
    else for (const run of part.split(/(\d+)/)) push(/^\d/.test(run) ? "number" : "text", run);
  }
  return pieces;
}

/** Too short to say so by itself, but among siblings that are all like it. */
function isShortChance(part: string): boolean {
  return part.length >= 6 && /^[\da-f]+$/.test(part) && /\d/.test(part) && /[a-f]/.test(part) &&
    /\d[a-f]+\d|[a-f]\d+[a-f]/.test(part);
}

function keyOf(pieces: readonly Piece[]): string {
  return pieces.map(({ kind, text }) => kind === "text" ? text : kind === "number" ? "#" : "?")
    .join("\n");
}

/** Of labels with chance, the few that look like a number or a word by chance. */
function strays(
  group: readonly string[],
  columns: readonly Piece[],
  left: ReadonlySet<string>,
): string[] {
  if (columns.length !== 1 || columns[0]!.kind !== "chance") return [];
  const fits = new RegExp(`^${chanceExpression(group)}$`);
  const known = new Set(group);
  return [...left].filter((label) => !known.has(label) && fits.test(label));
}

function describe(
  labels: readonly string[],
  columns: readonly Piece[],
  pieces: ReadonlyMap<string, readonly Piece[]>,
  isOneColumn: boolean,
): Shape {
  const hasChance = columns.some(({ kind }) => kind === "chance");
  const valuesOf = (column: number): string[] =>
    isOneColumn ? [...labels] : labels.map((label) => pieces.get(label)![column]!.text);
  const expression = columns.map(({ kind, text }, column) => {
    if (kind === "text") return text;
    return kind === "number"
      ? numberExpression(valuesOf(column))
      : chanceExpression(valuesOf(column));
  }).join("");
  return { labels, expression, hasChance };
}

/** Alphabets in which chance is written, the narrowest first. */
const ALPHABETS = ["[0-9]", "[0-9a-f]", "[a-z]", "[2-7a-z]", "[0-9a-z]"];

function chanceExpression(values: readonly string[]): string {
  const alphabet = ALPHABETS.find((one) =>
    values.every((value) => new RegExp(`^${one}+$`).test(value))
  )!;
  const lengths = values.map(({ length }) => length);
  return repeat(alphabet, Math.min(...lengths), Math.max(...lengths));
}
