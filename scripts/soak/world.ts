/** The names of the soak, and which of them the policy lists. */

import type { SeededRandom } from "../../tests/support/seeded_random.ts";

/** All names that can be asked for upstream are below it. */
export const ZONE = "soak.example";

/** A name that only policies list that are never valid. */
export const NEVER = `never.${ZONE}`;

/** The types that rules list. */
export const TYPES = [1, 28] as const;

/** Names that are listed by one kind of rule. */
export type Group = "forward" | "list" | "hermetic" | "wildcard" | "tcp" | "flip";

/** What is known of the names of one kind. */
export interface GroupFacts {
  /** How many of them clients ask for. */
  readonly names: number;
  /** The floor of its rule, in ms. */
  readonly floor: number;
  /** How much longer than its life an answer may be told as fresh, in ms: until the refresh that is due is there. */
  readonly lead: number;
  /** Whether what was answered once is kept, whatever else is asked or reloaded. */
  readonly isKept: boolean;
}

/** The kinds; `flip` are names that come and go with reloads. */
export const GROUPS: Readonly<Record<Group, GroupFacts>> = {
  forward: { names: 300, floor: 1000, lead: 2800, isKept: true },
  list: { names: 2000, floor: 1000, lead: 2800, isKept: true },
  hermetic: { names: 60, floor: 5000, lead: 7000, isKept: true },
  wildcard: { names: 40, floor: 25_000, lead: 4300, isKept: false },
  tcp: { names: 30, floor: 1000, lead: 2800, isKept: true },
  flip: { names: 40, floor: 1000, lead: 2800, isKept: false },
};

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** One of the names that clients ask for; `index` is below the group's number of names. */
export function nameOf(group: Group, index: number): string {
  if (group !== "wildcard") return `n${index}.${group}.${ZONE}`;
  const letters = `${LETTERS[index % 26]}${LETTERS[Math.floor(index / 26)]}`;
  return `label${letters}.wildcard.${ZONE}`;
}

/** A name for a wildcard that nobody else asks for. */
export function randomWildcardName(random: SeededRandom): string {
  return `${letters(random, 8)}.wildcard.${ZONE}`;
}

/** A name that no policy lists, but that is near one that it does. */
export function unlistedName(random: SeededRandom): string {
  const listed = nameOf("forward", random.below(GROUPS.forward.names));
  const secret = letters(random, 1 + random.below(40));
  const names = [
    `${secret}.${listed}`,
    `${listed}.${secret}.test`,
    `x${listed}`,
    `${secret}.${ZONE}`,
    `n${GROUPS.list.names + random.below(1000)}.list.${ZONE}`,
    `${secret}.label.wildcard.${ZONE}`,
    NEVER,
  ];
  return names[random.below(names.length)]!;
}

function letters(random: SeededRandom, count: number): string {
  return Array.from({ length: count }, () => LETTERS[random.below(26)]).join("");
}

/** Which kind of rule lists a name (small letters); undefined where none ever does. */
export function groupOf(name: string): Group | undefined {
  if (/^[a-z]{2,8}\.wildcard\.soak\.example$/.test(name)) return "wildcard";
  const [, number, group] = /^n(\d{1,4})\.(forward|list|hermetic|tcp|flip)\.soak\.example$/
    .exec(name) ?? [];
  if (group === undefined) return undefined;
  const facts = GROUPS[group as Group];
  return Number(number) < facts.names && String(Number(number)) === number
    ? group as Group
    : undefined;
}
