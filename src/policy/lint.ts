/** Warnings about a policy that is valid, but may do more or less than its author thinks. */

import { isWithin, parentName, typeName } from "../wire/mod.ts";
import { isLoopback } from "./address.ts";
import { ADDRESS_TYPES } from "./judge.ts";
import { isReserved } from "./reserved.ts";
import { answerSpecial } from "./special.ts";
import type { Policy } from "./model.ts";
import type { Rule } from "./rule.ts";
import type { PathProblem } from "./problem.ts";
import { LONGEST_WAIT } from "./schema.ts";

/** What is known of names below which people who do not know each other have theirs: `co.uk`, `github.io`. */
export interface PublicSuffixes {
  /** Whether a name is one itself. */
  isSuffix(name: string): boolean;
  /** Whether one lies below it. */
  isAboveSuffix(name: string): boolean;
}

/** Every warning about a policy at a time (ms since 1970). */
export function lintPolicy(
  policy: Policy,
  now: number,
  suffixes: PublicSuffixes,
): PathProblem[] {
  const rules = policy.rules.rules;
  const warnings = rules.flatMap((rule) =>
    [
      warnExpired(rule, now),
      warnPublicSuffix(rule, suffixes),
      warnAddressSpace(rule),
      warnSpecial(rule),
      warnReserved(rule),
      warnNoAddresses(rule),
      warnCovered(policy, rule, now),
    ].flatMap((message) => message === undefined ? [] : [{ path: rule.path, message }])
  );
  if (rules.length === 0) {
    warnings.push({ path: [], message: 'no name is allowed: write allow = ["example.com"]' });
  }
  warnings.push(...warnNobodyAsks(policy));
  const { timeout, tries } = policy.query;
  if (timeout * tries > LONGEST_WAIT) {
    const most = Math.max(1, Math.floor(LONGEST_WAIT / timeout));
    const message =
      `a client hears something within 4.5s, so later tries never start: write tries = ${most}, or a shorter timeout`;
    warnings.push({ path: ["query"], message });
  }
  return warnings;
}

/** An address that others can reach, but no client who may ask there. */
function warnNobodyAsks({ listen: { addresses, clients } }: Policy): PathProblem[] {
  const isLocal = clients.subnets.every(({ text }) => isLoopback(text.split("/")[0]!));
  return addresses.flatMap((address, index) => {
    if (!isLocal || isLoopback(address.hostname)) return [];
    const message = `only this host may ask here: write listen.clients = ["10.0.7.0/24"] ` +
      "or whatever subnet your clients are in";
    return [{ path: ["listen", "addresses", index], message }];
  });
}

function warnExpired({ name, expires }: Rule, now: number): string | undefined {
  if (expires === undefined || now < expires) return undefined;
  return `${name} has expired at ${
    new Date(expires).toISOString()
  }: remove the rule, or give it a later time`;
}

function warnPublicSuffix({ name, pattern }: Rule, suffixes: PublicSuffixes): string | undefined {
  const { reach, base } = pattern;
  if (reach === "exact" || addressZone(base) !== undefined) return undefined;
  if (suffixes.isSuffix(base)) {
    return `${name} lets through names that anyone can register: list the names that you need below ${base}`;
  }
  if (reach === "one" || !suffixes.isAboveSuffix(base)) return undefined;
  return `${name} reaches below a public suffix, where anyone can register names: list those that you need`;
}

/** The zone of address space that a name lies in, if any. */
function addressZone(name: string): string | undefined {
  return ["in-addr.arpa", "ip6.arpa"].find((zone) => isWithin(name, zone));
}

function warnAddressSpace({ name, pattern }: Rule): string | undefined {
  if (addressZone(pattern.base) === undefined) return undefined;
  return pattern.reach === "exact"
    ? `${name} is in address space: whoever holds that address answers for it`
    : `${name} lets clients choose bits that reach whoever holds those addresses: list single names`;
}

function warnSpecial({ name, pattern }: Rule): string | undefined {
  const special = answerSpecial({ name: pattern.base, type: 1 });
  if (special === undefined) return undefined;
  return `${name} has no effect, because fw-dns answers ${special.rule} itself: remove the rule`;
}

function warnReserved({ name, within, allowsPrivate }: Rule): string | undefined {
  if (allowsPrivate || within === undefined) return undefined;
  const reserved = within.subnets.filter(({ bytes, bits }) => isReserved(bytes, bits));
  if (reserved.length === 0) return undefined;
  const subnets = reserved.map(({ text }) => text).join(", ");
  return `${name}: addresses in ${subnets} are dropped all the same: write private = true`;
}

function warnNoAddresses({ name, within, types }: Rule): string | undefined {
  if (within === undefined || ADDRESS_TYPES.some((type) => types.has(type))) return undefined;
  return `${name} has within, but no type that holds addresses: remove within, or add "A" to types`;
}

/** A rule is covered where the next one that matches all its names would do the very same. */
function warnCovered(policy: Policy, rule: Rule, now: number): string | undefined {
  const other = policy.rules.find(
    probeName(rule),
    (candidate) => candidate !== rule && isWider(candidate, rule) && !hasEnded(candidate, now),
  );
  if (other === undefined || hasEnded(rule, now) || !isSameBut(rule, other)) return undefined;
  return `${rule.name} is covered by ${other.name} already: remove one of the two`;
}

function hasEnded({ expires }: Rule, now: number): boolean {
  return expires !== undefined && expires <= now;
}

/** A name that the rule matches; for `**.` one so deep that no `*.` of the same base matches it. */
function probeName({ pattern: { reach, base } }: Rule): string {
  if (reach === "exact") return base;
  return reach === "one" ? `x.${base}` : `x.x.${base}`;
}

function isWider(other: Rule, { pattern: { reach, base } }: Rule): boolean {
  if (reach === "exact") return true;
  if (other.pattern.reach !== "many") return false;
  return isWithin(reach === "one" ? base : parentName(base) ?? ".", other.pattern.base);
}

function isSameBut(rule: Rule, other: Rule): boolean {
  return rule.types.size === other.types.size &&
    [...rule.types].every((type) => other.types.has(type)) &&
    rule.upstreams.length === other.upstreams.length &&
    rule.upstreams.every((upstream, i) => upstream === other.upstreams[i]) &&
    rule.minTtl === other.minTtl &&
    rule.mode === other.mode &&
    rule.allowsPrivate === other.allowsPrivate &&
    withinText(rule) === withinText(other) &&
    rule.labels?.text === other.labels?.text &&
    (other.expires === undefined || (rule.expires !== undefined && rule.expires <= other.expires));
}

/** Subnets, in whatever order the policy has them. */
function withinText({ within }: Rule): string | undefined {
  return within?.subnets.map(({ text }) => text).sort().join();
}

/** The types of a rule, as a policy spells them. */
export function formatTypes(types: ReadonlySet<number>): string {
  return [...types].map(typeName).join(", ");
}
