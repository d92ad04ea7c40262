/** Look-ups → a proposal: what a policy would have to allow, and what to look at closely first. */

import {
  answerSpecial,
  asked,
  decide,
  namesDenied,
  parseName,
  type Policy,
} from "../policy/mod.ts";
import { isWithin, TYPE, WireName } from "../wire/mod.ts";
import { judgeDomain } from "./domain.ts";
import { gather } from "./gather.ts";
import { isOrdinary } from "./measures.ts";
import type { Apart, ApartKind, ExactRule, Proposal, WildcardRule } from "./proposal.ts";
import type { Suffixes } from "./suffixes.ts";
import type { Seen, Tally } from "./tally.ts";

/** What a proposal is made for. */
export interface ProposeOptions {
  readonly suffixes: Suffixes;
  /** What its rules allow already is left out; what it lets through only while it learns is what rules are missing for. */
  readonly policy: Policy | undefined;
  /** In ms since 1970. */
  readonly now: number;
}

/** Makes the proposal. It depends on what was looked up, and in which order, but on nothing else. */
export function propose(tally: Tally, given: ProposeOptions): Proposal {
  const options = { ...given, policy: given.policy && { ...given.policy, learn: undefined } };
  const apart: Apart[] = [];
  const candidates: ExactRule[] = [];
  // With a rule for one of these the policy would be refused.
  const denied = namesDenied(options.policy?.tests ?? []);
  let known = 0;
  for (const seen of [...tally.names.values()].sort(bySite)) {
    const kind = findKind(seen, tally, options);
    if (kind !== undefined) {
      apart.push({ ...kind, names: [seen], title: seen.name });
      continue;
    }
    const { unlisted, listed } = sortTypes(seen, options);
    if (unlisted.length + listed.length === 0) known++;
    if (unlisted.length > 0 && denied.has(seen.name)) {
      apart.push(one("denied", seen, unlisted));
      continue;
    }
    const odd = unlisted.filter((type) => !isOrdinary(type));
    const types = unlisted.filter(isOrdinary);
    if (listed.length > 0) apart.push(one("listed", seen, listed));
    if (odd.length > 0) apart.push(one("types", seen, odd));
    if (types.length > 0) candidates.push({ seen, types });
  }
  const { exact, wildcards } = judgeAll(candidates, tally, options, apart);
  return { exact, wildcards, apart: gather(apart), known };
}

/** Judges the names that rules could be for, a domain at a time; what is set apart is added to `apart`. */
function judgeAll(
  candidates: readonly ExactRule[],
  { overflows }: Tally,
  { policy }: ProposeOptions,
  apart: Apart[],
): Pick<Proposal, "exact" | "wildcards"> {
  const exact: ExactRule[] = [];
  const wildcards: WildcardRule[] = [];
  for (const [domain, rules] of Map.groupBy(candidates, ({ seen }) => seen.domain)) {
    const names = rules.map(({ seen }) => seen);
    const typesOf = new Map(rules.map(({ seen, types }) => [seen, types]));
    const judged = judgeDomain(domain, names, overflows.has(domain));
    apart.push(...judged.apart);
    exact.push(...judged.single.map((seen) => ({ seen, types: typesOf.get(seen)! })));
    for (const wildcard of judged.wildcards) {
      const twin = findTwin(wildcard, policy);
      if (twin === undefined) wildcards.push(wildcard);
      else apart.push(twin);
    }
  }
  return { exact, wildcards };
}

function one(kind: ApartKind, seen: Seen, types: readonly number[]): Apart {
  return { kind, names: [seen], title: seen.name, reason: "", types };
}

/** A policy that has a wildcard of this name needs another `labels`, not another rule. */
function findTwin({ base, labels, names }: WildcardRule, policy?: Policy): Apart | undefined {
  if (policy?.rules.findPattern({ reach: "one", base }) === undefined) return undefined;
  return { kind: "listed", names, title: `*.${base}`, reason: `labels like ${labels}` };
}

/** The types that were asked for and that no rule allows: of names that no rule lists, and of names that one does. */
function sortTypes(
  { name, types, listedTypes }: Seen,
  { policy, now }: ProposeOptions,
): { unlisted: number[]; listed: number[] } {
  const unlisted: number[] = [];
  const listed: number[] = [];
  for (const type of [...types].sort((a, b) => a - b)) {
    const decision = policy && decide(policy, asked({ name, type }), now);
    if (decision?.kind === "allow") continue;
    const hasRule = decision === undefined
      ? listedTypes.includes(type)
      : decision.kind === "type" || policy!.rules.findExact(WireName.of(name)) !== undefined;
    (hasRule ? listed : unlisted).push(type);
  }
  return { unlisted, listed };
}

/** Whether a name is of a kind that no rule is for. */
function findKind(
  { name }: Seen,
  tally: Tally,
  { suffixes }: ProposeOptions,
): { kind: ApartKind; reason: string } | undefined {
  const kind = kindByItself(name);
  if (kind !== undefined) return { kind, reason: "" };
  const reason = findLeftover(name, tally, suffixes);
  return reason === undefined ? undefined : { kind: "leftover", reason };
}

function kindByItself(name: string): ApartKind | undefined {
  if (name === ".") return "single";
  if ("problem" in parseName(name)) return "unwritable";
  if (answerSpecial(WireName.of(name), TYPE.A) !== undefined) return "special";
  if (NOWHERE.some((zone) => isWithin(name, zone))) return "special";
  if (ADDRESS_ZONES.some((zone) => isWithin(name, zone))) return "reverse";
  if (isWithin(name, "local")) return "local";
  return name.includes(".") ? undefined : "single";
}

const ADDRESS_ZONES = ["in-addr.arpa", "ip6.arpa"];

/** Top-level domains that no server on the Internet has (RFC 6761, RFC 7686, RFC 9476). */
const NOWHERE = ["invalid", "test", "onion", "alt"];

/** What a search list has put behind a name that was asked for without it, too. */
function findLeftover(name: string, { names }: Tally, suffixes: Suffixes): string | undefined {
  const labels = name.split(".");
  for (let front = labels.length - 1; front >= 1; front--) {
    const shorter = labels.slice(0, front).join(".");
    const isWhole = front > 1 ? suffixes.isPublic(shorter) : shorter === "localhost";
    if (!isWhole || !names.has(shorter)) continue;
    const behind = labels.slice(front).join(".");
    // google.com.hk is no google.com with hk behind it.
    const isRegistered = isWithin(behind, suffixes.domainOf(name) ?? name);
    if (isRegistered || !suffixes.isPublic(name)) return `${shorter} with ${behind} behind it`;
  }
  return undefined;
}

/** By domain, then from the top-level domain down. */
function bySite(a: Seen, b: Seen): number {
  return compare(a.domain, b.domain) || compare(siteOf(a.name), siteOf(b.name));
}

function siteOf(name: string): string {
  // A blank sorts before all that may be in a label, so that a name comes before those below it.
  return name.split(".").reverse().join(" ");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
