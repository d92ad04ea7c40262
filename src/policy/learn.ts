/**
 * `[learn]`: until a time, names that no rule lists resolve too, so that it shows what a rule is missing for.
 *
 * Such a name has one rule for all of them, `Learn.rule`; how many new ones there may be is counted in `resolve/`.
 */

import { WireName } from "../wire/mod.ts";
import { isLive, type Rule } from "./rule.ts";

/** The registrable domain that a name, as `wire/name.ts` writes it, is at or below; undefined: it has none. */
export type DomainOf = (name: string) => string | undefined;

/** The most names of which it is kept that they were learned; what is asked after others took their place is new again. */
export const MOST_LEARNED = 10_000;

/** What `[learn]` says. */
export interface Learn {
  /** The rule of all names that are learned; it expires when learning ends. */
  readonly rule: Rule;
  /** When learning ends, in ms since 1970. */
  readonly until: number;
  /** New names at or below one registrable domain in any 24 h, at most. */
  readonly namesPerDomainPerDay: number;
  /** New names in any 24 h, at most. */
  readonly namesPerDay: number;
  /** Names that the policy itself expects to be denied, as `wire/name.ts` writes them: nothing is to be learned of them. */
  readonly denied: ReadonlySet<string>;
  /** Knows none until somebody has put the list of public suffixes in place: nothing can be learned before. */
  readonly domainOf: DomainOf;
}

/** What `[learn]` allows at most. */
export interface LearnCaps {
  /** New names in any 24 h. */
  readonly names: number;
  /** New names at or below one registrable domain in any 24 h. */
  readonly namesPerDomain: number;
  /** Questions in any hour for names that are known by then: a further type, or the same one when its floor is over. */
  readonly repeatsPerHour: number;
}

/** Repeats that there are room for, whatever the number of new names: programs ask for the same few again and again. */
const LEAST_REPEATS = 1000;

/** The caps that follow from what `[learn]` says. Each new name has room for a second type, and one refresh of either. */
export function learnCaps(
  { namesPerDay, namesPerDomainPerDay }: Pick<Learn, "namesPerDay" | "namesPerDomainPerDay">,
): LearnCaps {
  const namesPerDomain = Math.min(namesPerDomainPerDay, namesPerDay);
  if (namesPerDomain === 0) return { names: 0, namesPerDomain: 0, repeatsPerHour: 0 };
  return {
    names: namesPerDay,
    namesPerDomain,
    repeatsPerHour: LEAST_REPEATS + 3 * namesPerDay,
  };
}

/** Whether a rule is that of names that are learned. No rule that a policy spells out reaches every name. */
export function isLearnRule({ pattern: { reach, base } }: Rule): boolean {
  return reach === "many" && base === ".";
}

/** Whether names are learned at a time (ms since 1970). */
export function isLearning(learn: Learn | undefined, now: number): learn is Learn {
  return learn !== undefined && isLive(learn.rule, now);
}

/** That the door is ajar, until when, and how far, in words for an operator. */
export function describeLearning(learn: Learn): string {
  const { names, namesPerDomain } = learnCaps(learn);
  return `the door is ajar until ${
    new Date(learn.until).toISOString()
  }: names that no rule lists ` +
    `resolve too, in any 24 hours ${namesPerDomain} new ones for each domain and ${names} in all`;
}

/**
 * The rule by which a name that no rule lists may be learned at a time (ms since 1970), if any. Never learned are names
 * with other than plain letters, of one label, that no one can have registered, or that are not for public DNS.
 */
export function findLearnRule(
  learn: Learn | undefined,
  wire: WireName,
  type: number,
  now: number,
): Rule | undefined {
  if (!isLearning(learn, now) || !learn.rule.types.has(type)) return undefined;
  if (!wire.isPlain || wire.labels < 2 || isOfNoZone(wire)) return undefined;
  const name = wire.text;
  if (learn.denied.has(name) || learn.domainOf(name) === undefined) return undefined;
  return learn.rule;
}

/**
 * Top-level domains whose names must not be asked of the public DNS, or hold addresses: RFC 6761 and its registry
 * (`local` RFC 6762, `onion` RFC 7686, `alt` RFC 9476), and `internal`, which ICANN has set aside.
 */
const NO_ZONES: readonly WireName[] = [
  "alt",
  "arpa",
  "internal",
  "invalid",
  "local",
  "localhost",
  "onion",
  "test",
].map((text) => WireName.of(text));

const NO_ZONE_HASHES: ReadonlySet<number> = new Set(NO_ZONES.map(({ hash }) => hash));

function isOfNoZone(wire: WireName): boolean {
  return NO_ZONE_HASHES.has(wire.hashes[wire.labels - 1]!) &&
    NO_ZONES.some((zone) => wire.isWithin(zone));
}
