/** Changes the text of a policy file: a rule more, or a later end of one. All else stays as it is, byte for byte. */

import { type AST, parseTOML } from "toml-eslint-parser";
import type { Parsed } from "./name_pattern.ts";

/** A rule that ends by itself, as it is to be written. */
export interface NewRule {
  /** As a rule spells it. */
  readonly name: string;
  /** From this time on (ms since 1970, a whole second) it is none. */
  readonly expires: number;
  readonly comment: string | undefined;
}

/** A text with one piece put in, or put in the place of another. */
export interface Edit {
  readonly text: string;
  /** Where the piece begins in it. */
  readonly start: number;
  readonly piece: string;
}

/**
 * Adds a rule behind the last one, or at the end where there is none. `toml` is a good policy, without a byte order
 * mark. Where the text has no place for it, the problem says what to write by hand.
 */
export function addRule(toml: string, rule: NewRule): Parsed<Edit> {
  const nodes = readNodes(toml);
  if (nodes === undefined) {
    return byHand("the file is written in a way that cannot be added to", rule);
  }
  const isInline = nodes.some((node) =>
    node.type === "TOMLKeyValue" && keyOf(node.key.keys[0]!) === "rule"
  );
  if (isInline) {
    const problem =
      "rules are written as one list (rule = [ … ]), which has no place for another " +
      `[[rule]]: write into that list\n  { ${rowsOf(rule).join(", ")} }`;
    return { problem };
  }
  const last = nodes.findLast((node) =>
    node.type === "TOMLTable" && node.resolvedKey[0] === "rule"
  );
  const at = last === undefined ? toml.length : endOfBlock(toml, last.range[1]);
  return { value: insert(toml, at, ["[[rule]]", ...rowsOf(rule)]) };
}

/** Moves the end of the rule with this index (the first is 0), which has one. `toml` as in {@linkcode addRule}. */
export function moveEnd(toml: string, index: number, rule: NewRule): Parsed<Edit> {
  const value = readNodes(toml)?.map((node) => findEnd(node, index))
    .find((found) => found !== undefined);
  if (value === undefined) {
    return byHand("its rule is written in a way that cannot be changed", rule);
  }
  const [start, end] = value.range;
  const piece = timeOf(rule.expires);
  return { value: { text: toml.slice(0, start) + piece + toml.slice(end), start, piece } };
}

function byHand(why: string, rule: NewRule): { readonly problem: string } {
  return { problem: `${why}: write\n  ${["[[rule]]", ...rowsOf(rule)].join("\n  ")}` };
}

type Node = AST.TOMLKeyValue | AST.TOMLTable;

/** The parts of a file from its top; undefined where this parser, of two, cannot read it. */
function readNodes(toml: string): readonly Node[] | undefined {
  try {
    return parseTOML(toml).body[0].body;
  } catch {
    return undefined;
  }
}

function keyOf(part: AST.TOMLBare | AST.TOMLQuoted): string {
  return part.type === "TOMLBare" ? part.name : part.value;
}

/** The value of `expires`, where this part of the file is the rule, or the list in which that is. */
function findEnd(node: Node, index: number): AST.TOMLContentNode | undefined {
  if (node.type === "TOMLTable") {
    const isIt = node.resolvedKey[0] === "rule" && node.resolvedKey[1] === index;
    return isIt ? endAmong(node.body) : undefined;
  }
  const { key: { keys }, value } = node;
  if (keyOf(keys[0]!) !== "rule" || value.type !== "TOMLArray") return undefined;
  const rule = value.elements[index];
  return rule?.type === "TOMLInlineTable" ? endAmong(rule.body) : undefined;
}

function endAmong(entries: readonly AST.TOMLKeyValue[]): AST.TOMLContentNode | undefined {
  return entries.find(({ key }) => keyOf(key.keys[0]!) === "expires")?.value;
}

/** The keys of a rule, each in a line. */
function rowsOf({ name, expires, comment }: NewRule): string[] {
  const note = comment === undefined ? [] : [`comment = ${textOf(comment)}`];
  return [`name = ${textOf(name)}`, `expires = ${timeOf(expires)}`, ...note];
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/**
 * A basic string of TOML. What a terminal or an editor could show as something else is escaped; halves of a character,
 * which JSON may escape by themselves, are in no TOML.
 */
function textOf(text: string): string {
  const odd = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
  return JSON.stringify(text.toWellFormed()).replace(
    odd,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Where the lines of a rule end, whose last value ends at `at`. Comments right below are its own, unless what they stand
 * before is another part of the file.
 */
function endOfBlock(toml: string, at: number): number {
  const end = endOfLine(toml, at);
  let next = end;
  while (/^[ \t]*#/.test(lineAt(toml, next))) next = endOfLine(toml, next);
  return lineAt(toml, next).trim() === "" ? next : end;
}

/** Behind the line feed of the line in which `at` is, or the text's end. */
function endOfLine(toml: string, at: number): number {
  const feed = toml.indexOf("\n", at);
  return feed === -1 ? toml.length : feed + 1;
}

function lineAt(toml: string, at: number): string {
  return toml.slice(at, endOfLine(toml, at));
}

/** Puts lines in at the beginning of a line or at the end, with the line ends of the text and an empty line around. */
function insert(toml: string, at: number, lines: readonly string[]): Edit {
  const ending = /\r?\n/.exec(toml)?.[0] ?? "\n";
  const isAtEnd = at === toml.length;
  const hasLine = at === 0 || toml[at - 1] === "\n";
  const isAfterEmpty = at === 0 || /(^|\n)[ \t]*\r?\n$/.test(toml.slice(0, at));
  const before = `${hasLine ? "" : ending}${hasLine && isAfterEmpty ? "" : ending}`;
  const isBeforeEmpty = isAtEnd || lineAt(toml, at).trim() === "";
  // A file whose last line has no end keeps that.
  const after = hasLine ? ending : "";
  const piece = `${before}${lines.join(ending)}${after}${isBeforeEmpty ? "" : ending}`;
  return { text: toml.slice(0, at) + piece + toml.slice(at), start: at, piece };
}
