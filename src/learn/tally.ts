/** Look-ups, counted by name, in memory that has a bound whatever is in the logs. */

import { encodeName, nameText } from "../wire/mod.ts";
import type { LookUp } from "./look_up.ts";
import type { Suffixes } from "./suffixes.ts";

/** How many different names are kept, in all and below one registrable domain, and clients of one name. */
export interface Bounds {
  readonly names: number;
  readonly below: number;
  readonly clients: number;
}

/** What a command uses unless it is told otherwise. */
export const BOUNDS: Bounds = { names: 100_000, below: 2000, clients: 16 };

/** Different clients that are told apart, in all. */
const MOST_CLIENTS = 10_000;

/** Types of one name that are told apart. */
const MOST_TYPES = 16;

/** What is known of one name. */
export class Seen {
  /** The types that were asked for. */
  readonly types: number[] = [];
  /** Types that a rule did not list, though it listed the name. */
  listedTypes: readonly number[] = [];
  readonly clients: string[] = [];
  queries = 0;
  replies = 0;
  /** In ms since 1970. */
  first = Infinity;
  last = -Infinity;
  /** The place of its first and of its last look-up in the order of all. */
  begin = 0;
  end = 0;

  constructor(readonly name: string, readonly domain: string) {}

  /** A log may have a line for the question, for the reply, or for both. */
  get lookUps(): number {
    return Math.max(this.queries, this.replies);
  }
}

/** What did not fit, below one registrable domain. */
export interface Overflow {
  readonly domain: string;
  lookUps: number;
}

/** All look-ups of some logs. */
export class Tally {
  readonly names = new Map<string, Seen>();
  /** Look-ups of names that are not kept because their domain has too many, by domain. */
  readonly overflows = new Map<string, Overflow>();
  /** Look-ups of names that are not kept because there are too many in all. */
  left = 0;
  /** Look-ups whose name the log does not show. */
  nameless = 0;
  lookUps = 0;
  readonly #below = new Map<string, number>();
  readonly #clients = new Map<string, string>();

  constructor(readonly suffixes: Suffixes, readonly bounds = BOUNDS) {}

  /** Counts one. */
  add(lookUp: LookUp): void {
    const { name } = lookUp;
    this.lookUps++;
    if (name === undefined) this.nameless++;
    else {
      const seen = this.names.get(name) ?? this.#open(name);
      if (seen !== undefined) this.#count(seen, lookUp);
    }
  }

  #open(name: string): Seen | undefined {
    const domain = this.suffixes.domainOf(name) ?? name;
    const below = this.#below.get(domain) ?? 0;
    if (below >= this.bounds.below) {
      const overflow = this.overflows.get(domain);
      if (overflow === undefined) {
        const copy = nameText(encodeName(domain));
        this.overflows.set(copy, { domain: copy, lookUps: 1 });
      } else overflow.lookUps++;
      return undefined;
    }
    if (this.names.size >= this.bounds.names) {
      this.left++;
      return undefined;
    }
    // A copy: a piece of a line would keep all of what was read with it.
    const copy = nameText(encodeName(name));
    const seen = new Seen(copy, this.suffixes.domainOf(copy) ?? copy);
    this.#below.set(seen.domain, below + 1);
    seen.begin = this.lookUps;
    this.names.set(copy, seen);
    return seen;
  }

  /** The one copy of a client's address; undefined where there are too many. */
  #clientOf(text: string): string | undefined {
    const known = this.#clients.get(text);
    if (known !== undefined || this.#clients.size >= MOST_CLIENTS) return known;
    const copy = [...text].join("");
    this.#clients.set(copy, copy);
    return copy;
  }

  #count(seen: Seen, { type, client, time, isReply, isListed }: LookUp): void {
    if (isReply) seen.replies++;
    else seen.queries++;
    if (seen.types.length < MOST_TYPES && !seen.types.includes(type)) seen.types.push(type);
    if (isListed && seen.listedTypes.length < MOST_TYPES && !seen.listedTypes.includes(type)) {
      seen.listedTypes = [...seen.listedTypes, type];
    }
    if (seen.clients.length < this.bounds.clients && !seen.clients.includes(client)) {
      const copy = this.#clientOf(client);
      if (copy !== undefined) seen.clients.push(copy);
    }
    if (time !== undefined) {
      seen.first = Math.min(seen.first, time);
      seen.last = Math.max(seen.last, time);
    }
    seen.end = this.lookUps;
  }
}
