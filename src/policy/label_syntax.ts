/**
 * Reads the expression in `labels`: what a label may be.
 *
 * It is a small regular expression: letters, classes, groups, alternation, `?`, `{m}` and `{m,n}`. What has no bound
 * is refused, and so is what people write out of habit and would be misread.
 */

import { MAX_LABEL_BYTES } from "../wire/mod.ts";
import { lowerAscii, type Parsed } from "./name_pattern.ts";

/** What a label may hold, in the order in which its letters are numbered. */
export const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-_";

/** A piece of an expression. */
export type Expression =
  /** One letter out of these, by their numbers. */
  | { readonly kind: "letter"; readonly letters: ReadonlySet<number> }
  | { readonly kind: "sequence"; readonly parts: readonly Expression[] }
  | { readonly kind: "choice"; readonly parts: readonly Expression[] }
  | {
    readonly kind: "repeat";
    readonly part: Expression;
    readonly least: number;
    readonly most: number;
  };

/** The longest expression, in letters. */
const LONGEST = 1000;

/** Groups within groups, at most. */
const DEEPEST = 50;

/** What to write for what has another meaning elsewhere, or none here. */
const INSTEAD: Readonly<Record<string, string>> = {
  "*": "it has no bound: write {0,20}, or as many as you need",
  "+": "it has no bound: write {1,20}, or as many as you need",
  ".": "it would be any letter: write a class like [a-z0-9]",
  "^": "the whole label is compared anyway: take it out",
  "$": "the whole label is compared anyway: take it out",
  "\\": "nothing needs it: write letters, digits, - and _ as they are",
  "?": "there is nothing before it to leave out: take it out",
  "{": "there is nothing before it to repeat: take it out",
  "}": "there is no { before it: take it out",
  "]": "there is no [ before it: take it out",
  ")": "there is no ( before it: take it out",
};

/** Reads an expression. */
export function parseExpression(text: string): Parsed<Expression> {
  if (text.length > LONGEST) {
    return { problem: `an expression of ${text.length} letters: write at most ${LONGEST}` };
  }
  try {
    return { value: new Reader(lowerAscii(text)).read() };
  } catch (error) {
    if (error instanceof SyntaxProblem) return { problem: error.message };
    throw error;
  }
}

/** Thrown and caught within this file alone. */
class SyntaxProblem extends Error {}

class Reader {
  #at = 0;
  #depth = 0;

  constructor(readonly text: string) {}

  read(): Expression {
    if (this.text === "") {
      throw new SyntaxProblem("an empty expression: write one like [a-z]{1,20}");
    }
    const expression = this.#readChoice();
    if (this.#at < this.text.length) this.#refuse();
    return expression;
  }

  get #next(): string {
    return this.text[this.#at] ?? "";
  }

  #fail(why: string, at = this.#at): never {
    throw new SyntaxProblem(`at letter ${at + 1}: ${why}`);
  }

  /** Says what is wrong with the letter that comes next. */
  #refuse(): never {
    const letter = this.#next;
    this.#fail(
      `${JSON.stringify(letter)}: ${
        INSTEAD[letter] ?? "no label can hold it: write letters, digits, - and _ only"
      }`,
    );
  }

  #readChoice(): Expression {
    const parts = [this.#readSequence()];
    while (this.#next === "|") {
      this.#at++;
      parts.push(this.#readSequence());
    }
    return parts.length === 1 ? parts[0]! : { kind: "choice", parts };
  }

  #readSequence(): Expression {
    const parts: Expression[] = [];
    while (this.#next !== "" && this.#next !== "|" && this.#next !== ")") {
      parts.push(this.#readRepeat());
    }
    if (parts.length === 0) this.#fail("nothing stands here: write (…)? for what may be left out");
    return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
  }

  #readRepeat(): Expression {
    const part = this.#readAtom();
    if (this.#next === "?") {
      this.#at++;
      this.#endRepeat();
      return { kind: "repeat", part, least: 0, most: 1 };
    }
    if (this.#next !== "{") return part;
    const [whole, least = "", comma, most = ""] = /^\{(\d{0,4})(,?)(\d{0,4})\}/.exec(
      this.text.slice(this.#at),
    ) ?? [];
    if (whole === undefined || least === "") this.#fail('"{": write {m} or {m,n}');
    if (comma && most === "") {
      this.#fail(`${whole} has no bound: write {${least},${Math.max(20, Number(least))}}`);
    }
    const [from, to] = [Number(least), Number(most || least)];
    if (to < 1 || to > MAX_LABEL_BYTES || from > to) {
      this.#fail(`${whole}: write two numbers from 0 to ${MAX_LABEL_BYTES}, the smaller one first`);
    }
    this.#at += whole.length;
    this.#endRepeat();
    return { kind: "repeat", part, least: from, most: to };
  }

  #endRepeat(): void {
    if (/[?*+{]/.test(this.#next)) {
      this.#fail(
        `${JSON.stringify(this.#next)}: one repeat after another: write a group, like (…)?`,
      );
    }
  }

  #readAtom(): Expression {
    const letter = ALPHABET.indexOf(this.#next);
    if (letter >= 0) {
      this.#at++;
      return { kind: "letter", letters: new Set([letter]) };
    }
    if (this.#next === "(") return this.#readGroup();
    if (this.#next === "[") return this.#readClass();
    this.#refuse();
  }

  #readGroup(): Expression {
    const start = this.#at++;
    if (++this.#depth > DEEPEST) this.#fail(`more than ${DEEPEST} groups within each other`);
    if (this.#next === "?") this.#fail('"(?": write a plain group, like (a|b)');
    const inner = this.#readChoice();
    if (this.#next !== ")") this.#fail('"(" is never closed: write )', start);
    this.#at++;
    this.#depth--;
    return inner;
  }

  #readClass(): Expression {
    const [whole, negated, body = ""] = /^\[(\^?)([^\]]*)\]/.exec(this.text.slice(this.#at)) ?? [];
    if (whole === undefined) this.#fail('"[" is never closed: write ]');
    const start = this.#at + 1 + negated!.length;
    const listed = new Set<number>();
    for (let i = 0; i < body.length; i++) {
      this.#at = start + i;
      const from = ALPHABET.indexOf(body[i]!);
      if (from < 0) this.#fail(`${JSON.stringify(body[i])}: no label can hold it`);
      const isRange = body[i + 1] === "-" && i + 2 < body.length;
      const to = isRange ? this.#readRangeEnd(body[i]!, body[i + 2]!) : from;
      for (let letter = from; letter <= to; letter++) listed.add(letter);
      if (isRange) i += 2;
    }
    this.#at = start + body.length + 1;
    const letters = negated ? complement(listed) : listed;
    if (letters.size === 0) this.#fail("a class with no letter: write one like [a-z]", start - 1);
    return { kind: "letter", letters };
  }

  #readRangeEnd(from: string, to: string): number {
    const isOfOneKind = /^([a-z]{2}|\d{2})$/.test(from + to);
    if (!isOfOneKind || from > to) {
      this.#fail(`${from}-${to} is no range: write one like a-z or 0-9, and - last`);
    }
    return ALPHABET.indexOf(to);
  }
}

function complement(letters: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...ALPHABET].map((_, letter) => letter).filter((letter) => !letters.has(letter)));
}
