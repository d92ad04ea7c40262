/** Names as a policy and a command line spell them: `debian.org`, `*.debian.org`, `**.debian.org`. */

import { MAX_LABEL_BYTES, MAX_NAME_BYTES } from "../wire/mod.ts";

/** How far a rule reaches: the name itself, one label in front of it, or one and more. */
export type Reach = "exact" | "one" | "many";

/** A name as written in a rule, read. */
export interface NamePattern {
  readonly reach: Reach;
  /** The name after `*.` or `**.`, as `wire/name.ts` writes it. */
  readonly base: string;
}

/** What was read, or why not and what to write instead. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

const LONGEST_TEXT = MAX_NAME_BYTES - 2;

/** Reads the name of a rule. */
export function parsePattern(text: string): Parsed<NamePattern> {
  const [, stars, rest] = /^(\*{1,2}\.)?(.*)$/s.exec(text)!;
  if (/^\*+\.?$/.test(text)) {
    return { problem: `${quote(text)} would allow every name: write one like "*.example.com"` };
  }
  if (rest!.includes("*")) return { problem: describeStars(text) };
  const name = parseName(rest!);
  if ("problem" in name) {
    return stars === undefined
      ? name
      : { problem: `${quote(text)}: after ${quote(stars)}, ${name.problem}` };
  }
  const reach = stars === undefined ? "exact" : stars === "*." ? "one" : "many";
  return { value: { reach, base: name.value } };
}

/** Suggests only what lets through no more than was meant. */
function describeStars(text: string): string {
  const where = `${quote(text)}: "*" or "**" can only be the whole first label`;
  const [, stars, rest] = /^((?:\*+\.)+|[^.]*\*[^.]*\.)([^*]+)$/.exec(text) ?? [];
  if (rest === undefined) return `${where}: list the names that you need`;
  return `${where}: write ${quote(`${/^(\*\.){2,}/.test(stars!) ? "**" : "*"}.${rest}`)}`;
}

/** A pattern as a rule spells it. */
export function formatPattern({ reach, base }: NamePattern): string {
  return reach === "exact" ? base : `${reach === "one" ? "*" : "**"}.${base}`;
}

/** Reads a plain name; case and one trailing dot do not matter. The result is as `wire/name.ts` writes it. */
export function parseName(text: string): Parsed<string> {
  const name = lowerAscii(text).replace(/\.$/, "");
  const bad = (why: string): Parsed<string> => ({ problem: `${quote(text)}: ${why}` });
  if (name === "") return bad('a name is needed: write one like "example.com"');
  const scheme = /^[a-z]+:\/\/([^/:?#]+)/.exec(name);
  if (scheme) return bad(`a name, not an address of a page: write ${quote(scheme[1]!)}`);
  if (name.split(".").includes("")) {
    return bad(`an empty label: write ${quote(withoutEmpty(name))}`);
  }
  const odd = /[^a-z0-9_.-]/u.exec(name);
  if (odd) return bad(describeOdd(name, odd[0]));
  if (/^\d+(\.\d+){3}$/.test(name)) {
    return bad("an IP address is no name: write the name that clients ask for");
  }
  const long = name.split(".").find((label) => label.length > MAX_LABEL_BYTES);
  if (long !== undefined) {
    return bad(`a label of ${long.length} letters: write at most ${MAX_LABEL_BYTES}`);
  }
  if (name.length > LONGEST_TEXT) {
    return bad(`a name of ${name.length} letters: write at most ${LONGEST_TEXT}`);
  }
  return { value: name };
}

/** Text in small letters. Only A to Z: other alphabets have letters whose small form is an ASCII one. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function withoutEmpty(name: string): string {
  return name.split(".").filter((label) => label !== "").join(".") || "example.com";
}

function describeOdd(name: string, character: string): string {
  if (/[^\u0020-\u007e]/u.test(character)) {
    const ascii = toAscii(name);
    return ascii === undefined
      ? "a name has letters, digits, - and _ only"
      : `write it in its ASCII form, ${quote(ascii)}`;
  }
  const cut = /^[a-z0-9_.-]+(?=[:/])|(?<=^[^@]+@)[a-z0-9_.-]+$/.exec(name);
  const instead = cut ? `: write ${quote(cut[0])}` : "";
  return `${quote(character)} cannot be in a name (letters, digits, - and _ only)${instead}`;
}

/** The ASCII form of an international name (UTS 46), where it has one. */
function toAscii(name: string): string | undefined {
  const host = URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).hostname : "";
  return /^[a-z0-9_.-]+$/.test(host) ? host : undefined;
}

/** Text in quotes, with anything that could harm a terminal escaped. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
