/** Why a peer differs: what its exporter says of itself, and what is known of the real server. */

import { KNOWN, KNOWN_UPSTREAM } from "./known.ts";
import type { Declared, Group } from "./outcome.ts";

/** What may be explained: a class of verdicts, or one of questions that reached the upstream. */
export type Class =
  & Pick<Group, "edge" | "kind" | "marks" | "type">
  & Partial<Pick<Group, "standing" | "ours" | "theirs">>;

const CNAME = 5;
const DS = 43;

/** A feature of the policy: the classes that turn on it, and the words of an exporter that cannot express it. */
interface Feature {
  readonly words: RegExp;
  readonly has: (one: Class) => boolean;
}

/** Of names that are not listed, and only seem so to an engine without the feature. */
function denied(mark: Class["marks"][number], words: RegExp): Feature {
  return { words, has: ({ marks, kind }) => kind === "deny" && marks.includes(mark) };
}

/** Of the data that a listed name has. */
function answered(mark: Class["marks"][number], words: RegExp): Feature {
  return { words, has: ({ marks, kind }) => kind === "allow" && marks.includes(mark) };
}

/** The first that fits is told: from what is particular to what is general. */
const FEATURES: readonly Feature[] = [
  { words: /^CNAME as a type/, has: ({ kind, type }) => kind === "type" && type === CNAME },
  { words: /^DS as a type/, has: ({ kind, type }) => kind === "type" && type === DS },
  {
    words: /^types of no rule/,
    has: ({ kind, standing }) => kind === "type" && standing !== "laxer",
  },
  { words: /^(?:record types|the types of a rule)/, has: ({ kind }) => kind === "type" },
  denied("depth", /\bone label/),
  denied("labels", /\blabels\b/),
  denied("odd", /letters, digits/),
  denied("expires", /expires/),
  denied("base", /below which a wildcard stands/),
  denied("below", /\bexact name\b/),
  answered("within", /\bwithin\b/),
  answered("private", /\bprivate\b|addresses in answers/),
  { words: /locally/, has: ({ kind }) => kind === "special" },
  {
    words: /^unlisted|for unlisted names|names above/,
    has: ({ kind, standing }) => kind === "deny" && standing === "otherwise",
  },
];

/** The reason for a class, or undefined where nobody knows one. */
export function explain(
  peer: string,
  one: Class,
  declared: readonly Declared[],
): string | undefined {
  // What an engine cannot express lets more through; less than fw-dns gives has other reasons.
  const features = one.standing === "stricter" ? [] : FEATURES;
  for (const { words, has } of features) {
    if (!has(one)) continue;
    const said = declared.find(({ what }) => words.test(what));
    // What is in parentheses is particular to a rule.
    if (said !== undefined) return `${said.what.replace(/ \(.*\)$/, "")}: ${said.instead}`;
  }
  const known = one.standing === undefined ? KNOWN_UPSTREAM : KNOWN;
  return known.find(({ peers, has }) => peers.test(peer) && has(one))?.why;
}
