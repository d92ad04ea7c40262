/**
 * The zone itself.
 *
 * In a zone a `*` stands only for names whose closest ancestor in it is the `*`'s own (RFC 4592 3.3.1), so that
 * `www.example.com` alone takes all of `com` and of `example.com` out of the reach of the last `*`. Some resolvers go
 * by that, others take the longest `*` that fits. Here every name that exists has a record of its own and a `*` below
 * it: then both read the same.
 */

import { isLive, type Policy, type RuleTable } from "../../policy/mod.ts";
import { MAX_NAME_BYTES, parentName, WireName } from "../../wire/mod.ts";
import type { Differences } from "../differences.ts";
import { liveRules, type Source } from "../engine.ts";
import { isLocal, LOCAL_NAMES } from "../local.ts";
import { unlikeRules } from "./differences.ts";
import { specialLines } from "./special.ts";

/** What the zone is called. */
export const ZONE = "fw-dns.rpz";

/** In s. A secondary that cannot reach its primary keeps the zone for the last of them. */
const TIMES = { refresh: 10, retry: 5, expire: 2_419_200, negative: 10 };

/** Lines are handed on in pieces of about so many characters. */
const PIECE = 1 << 16;

/** Names end with these for triggers of another kind: of addresses, and of name servers. */
const TRIGGER = /(?:^|\.)rpz-(?:ip|client-ip|nsip|nsdname)$/;

const PASS = "rpz-passthru.";
const NODATA = "*.";

/** The longest owner in front of the zone's own name: its letters and dots, with a `*.` in front. */
const LONGEST_NAME = MAX_NAME_BYTES - 2 - (ZONE.length + 1) - 2;

/** Writes the zone in pieces; names that no zone can hold become differences. */
export function* zoneText(source: Source, differences: Differences): Generator<string> {
  yield zoneHead(source);
  let piece = "";
  for (const line of ruleLines(source, differences)) {
    piece += line;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}\n; Names that fw-dns answers itself.\n${specialLines(denialOf(source.policy))}`;
  yield `\n; All others.\n* CNAME ${denialOf(source.policy)}\n`;
}

/**
 * The serial: of two policies the later one has the higher, and so has one of which a rule has expired since. In s since
 * 1970, within 32 bits.
 */
function serialOf({ policy, now, changed }: Source): number {
  let serial = Math.max(1, changed);
  for (const { expires } of policy.rules.rules) {
    if (expires !== undefined && expires <= now) {
      serial = Math.max(serial, Math.ceil(expires / 1000));
    }
  }
  return serial >>> 0;
}

function zoneHead(source: Source): string {
  const { refresh, retry, expire, negative } = TIMES;
  return `$ORIGIN ${ZONE}.
$TTL ${negative}
@ SOA localhost. hostmaster.localhost. ${serialOf(source)} ${refresh} ${retry} ${expire} ${negative}
@ NS localhost.

`;
}

/** The lines of each name once: of rules in their order, each followed by those above it that are not listed. */
function* ruleLines(source: Source, differences: Differences): Generator<string> {
  const zone = new ZoneNames(source);
  for (const rule of liveRules(source)) {
    const { reach, base } = rule.pattern;
    const problem = problemOf(base);
    if (problem !== undefined) differences.addRule(rule, problem, "it does not resolve");
    else if (isLocal(rule)) continue;
    else if (reach === "exact") yield* zone.listed(base);
    else yield* zone.from(base);
  }
  for (const name of LOCAL_NAMES) yield* zone.above(name);
}

function problemOf(name: string): string | undefined {
  if (TRIGGER.test(name)) return "a name that ends as triggers of such a zone do";
  if (name.length > LONGEST_NAME) {
    return `a name of more than ${LONGEST_NAME} letters, with its dots`;
  }
  return undefined;
}

function denialOf({ unlisted }: Policy): string {
  return unlisted === "drop" ? "rpz-drop." : ".";
}

/** Names on their way into the zone, no name twice. */
class ZoneNames {
  readonly #rules: RuleTable;
  readonly #now: number;
  readonly #denial: string;
  /** What an unlisted name gets that has listed ones below it: it must not be said not to exist (RFC 8020 2). */
  readonly #denialAbove: string;
  /** The bases of wildcards. */
  readonly #bases = new Set<string>();
  /** Names that are in the zone without being listed exactly. */
  readonly #written = new Set<string>();
  readonly #name = new WireName();

  constructor(source: Source) {
    this.#rules = source.policy.rules;
    this.#now = source.now;
    this.#denial = denialOf(source.policy);
    this.#denialAbove = this.#denial === "." ? NODATA : this.#denial;
    for (const { pattern: { reach, base } } of unlikeRules(source)) {
      if (reach !== "exact") this.#bases.add(base);
    }
  }

  /** The lines of a name that is listed exactly, and of those above it. */
  *listed(name: string): Generator<string> {
    yield `${name} CNAME ${PASS}\n*.${name} CNAME ${this.#below(name)}\n`;
    yield* this.above(name);
  }

  /** The lines of those above a name. */
  *above(name: string): Generator<string> {
    const parent = parentName(name);
    if (parent !== undefined && parent !== ".") yield* this.from(parent);
  }

  /** The lines of a name that is the base of a wildcard, or has listed ones below it, and of those above it. */
  *from(start: string): Generator<string> {
    for (let name: string | undefined = start; name !== undefined && name !== ".";) {
      // Where it is listed it has its lines as such, and those above it with them.
      if (this.#written.has(name) || this.#isListed(name)) return;
      this.#written.add(name);
      yield `${name} CNAME ${this.#own(name)}\n*.${name} CNAME ${this.#below(name)}\n`;
      name = parentName(name);
    }
  }

  #isListed(name: string): boolean {
    const rule = this.#rules.findExact(this.#name.readText(name));
    return rule !== undefined && isLive(rule, this.#now);
  }

  /** What a name gets that is not listed exactly. */
  #own(name: string): string {
    const wider = this.#rules.findWider("exact", this.#name.readText(name), this.#now);
    return wider === undefined ? this.#denialAbove : PASS;
  }

  /** What those below a name get that are not in the zone. */
  #below(name: string): string {
    if (this.#bases.has(name)) return PASS;
    const wider = this.#rules.findWider("one", this.#name.readText(name), this.#now);
    return wider === undefined ? this.#denial : PASS;
  }
}
