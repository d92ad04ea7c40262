/** What is known of the names that clients asked for below one registrable domain. */

import type { BlockedDomain } from "../stats.ts";
import { Attempt } from "./attempt.ts";

/** How many clients, and how many names, are kept of a domain. */
const KEPT_CLIENTS = 4;
const KEPT_EXAMPLES = 5;

/** What a query adds. */
export interface Addition {
  readonly client: string;
  /** What it can have carried; 0 where its name was known. */
  readonly bits: number;
  readonly isNewName: boolean;
  /** How many queries this one stands for. */
  readonly weight: number;
  /** In ms since 1970, and of the monotonic clock. */
  readonly wall: number;
  readonly now: number;
}

interface Share {
  readonly client: string;
  readonly attempt: Attempt;
  /** Its place among the clients: those that were here before it and made room are in it. */
  rank: number;
}

/** One domain of the table. */
export class DomainEntry {
  /** What its place in the table goes by: at least one for each query, and every bit. */
  rank: number;
  /** How much of that was there before it. */
  readonly error: number;
  /** Where it stands in the table's heap. */
  place = 0;
  bits = 0;
  queries = 0;
  names = 0;
  /** How many different labels there have been. */
  labels = 0;
  readonly #shares: Share[] = [];
  /** All clients that found no place: whoever has many addresses would otherwise never be one that has tried much. */
  #others: Attempt | undefined;
  readonly #examples: { readonly name: string; readonly type: string }[] = [];
  readonly #firstSeen: number;
  #lastSeen: number;

  /** `hash` is that of a {@linkcode NameDigest}; `isWhole`: the name itself, nothing below it. */
  constructor(
    readonly domain: string,
    readonly hash: number,
    /** How many labels it has. */
    readonly depth: number,
    readonly isWhole: boolean,
    wall: number,
    rank: number,
  ) {
    this.#firstSeen = this.#lastSeen = wall;
    this.rank = this.error = rank;
  }

  /** Counts a query, and returns what its client has tried here, or all that found no place. */
  add(addition: Addition): Attempt {
    const { bits, isNewName, weight, wall, now } = addition;
    this.rank += (1 + bits) * weight;
    this.queries += weight;
    this.bits += bits * weight;
    if (isNewName) this.names += weight;
    this.#lastSeen = wall;
    const wasThere = this.#shareOf(addition);
    const share = wasThere ?? this.#makeRoom(addition);
    share.rank += (1 + bits) * weight;
    share.attempt.add(now, bits, isNewName, weight);
    if (wasThere !== undefined || this.#others === undefined) return share.attempt;
    this.#others.add(now, bits, isNewName, weight);
    return this.#others;
  }

  /** Keeps a name to show. */
  keepExample(name: string, type: string): void {
    const at = this.#examples.findIndex((one) => one.name === name && one.type === type);
    if (at !== -1) this.#examples.splice(at, 1);
    this.#examples.unshift({ name, type });
    this.#examples.length = Math.min(this.#examples.length, KEPT_EXAMPLES);
  }

  /** All of it. */
  get summary(): BlockedDomain {
    const largest = this.#shares.reduce((a, b) => b.rank > a.rank ? b : a);
    return {
      domain: this.domain,
      client: largest.client,
      queries: Math.round(this.queries),
      names: Math.round(this.names),
      bytes: Math.round(this.bits / 8),
      error: Math.round(this.error / 8),
      firstSeen: this.#firstSeen,
      lastSeen: this.#lastSeen,
      examples: [...this.#examples],
    };
  }

  #shareOf({ client }: Addition): Share | undefined {
    for (const share of this.#shares) if (share.client === client) return share;
    return undefined;
  }

  #makeRoom({ client, now }: Addition): Share {
    const shares = this.#shares;
    const share = { client, attempt: new Attempt(client, this.domain, now), rank: 0 };
    if (shares.length < KEPT_CLIENTS) {
      shares.push(share);
      return share;
    }
    this.#others ??= new Attempt(undefined, this.domain, now);
    const smallest = shares.reduce((a, b) => b.rank < a.rank ? b : a);
    share.rank = smallest.rank;
    shares[shares.indexOf(smallest)] = share;
    return share;
  }
}
