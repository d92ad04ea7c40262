/** Why a peer differs: what its exporter says of itself, and what is known of the real server. */

import type { Declared, Group } from "./outcome.ts";

/** What may be explained: a class of verdicts, or one of questions that reached the upstream. */
export type Class =
  & Pick<Group, "edge" | "kind" | "marks">
  & Partial<Pick<Group, "standing" | "ours" | "theirs" | "how">>;

/** A feature of the policy: the classes that turn on it, and the words of an exporter that cannot express it. */
interface Feature {
  readonly words: RegExp;
  readonly has: (one: Class) => boolean;
}

const isDenied = ({ kind }: Class): boolean => kind === "deny";
const isShape = ({ kind }: Class): boolean => kind === "malformed";

const FEATURES: readonly Feature[] = [
  {
    words: /\bexact/i,
    has: (one) =>
      isDenied(one) && /below an exact name|another end|not asked for so/.test(one.edge),
  },
  { words: /\btypes?\b/i, has: ({ kind }) => kind === "type" },
  { words: /one label|\*\./i, has: (one) => isDenied(one) && /labels below \*\./.test(one.edge) },
  { words: /\bbase\b/i, has: (one) => isDenied(one) && /the base of/.test(one.edge) },
  { words: /overlap|specific/i, has: ({ marks }) => marks.includes("overlap") },
  { words: /\blabels?\b/i, has: ({ marks }) => marks.includes("labels") },
  {
    words: /letters|digits|characters|bytes/i,
    has: ({ edge }) => /odd letters|ODD/.test(edge),
  },
  { words: /expir|\bends?\b/i, has: ({ marks }) => marks.includes("expires") },
  { words: /within/i, has: ({ marks }) => marks.includes("within") },
  { words: /private|reserved/i, has: ({ marks }) => marks.includes("private") },
  { words: /unlisted|silence|drop/i, has: (one) => isDenied(one) && one.standing === "otherwise" },
  { words: /special|localhost|canary/i, has: ({ kind }) => kind === "special" },
  { words: /malformed|shape|well-formed/i, has: isShape },
];

/** Something that is known of a real server, and that no configuration changes. */
interface Reason {
  /** Of the peer's title. */
  readonly peers: RegExp;
  readonly has: (one: Class) => boolean;
  readonly why: string;
}

const REASONS: readonly Reason[] = [];

/** The reason for a class, or undefined where nobody knows one. */
export function explain(
  peer: string,
  one: Class,
  declared: readonly Declared[],
): string | undefined {
  for (const { words, has } of FEATURES) {
    if (!has(one)) continue;
    const said = declared.find(({ what }) => words.test(what));
    if (said !== undefined) return `${said.what}: ${said.instead}`;
  }
  return REASONS.find(({ peers, has }) => peers.test(peer) && has(one))?.why;
}
