/**
 * Names that were asked for and not let through: by registrable domain, with an estimate of what they can have carried.
 *
 * A name that was asked for before carries nothing new. In one that is new, a label that is new carries what its
 * characters can, by the narrowest of the usual alphabets that has them all; a label that was there before, which one
 * of them it is. That is in the spirit of "information-based heavy hitters" (Ozery, Nadler and Shabtai, 2023).
 */

import type { Random } from "../../system/mod.ts";
import { isKnownType } from "../counters.ts";
import type { QuestionSeen } from "../event.ts";
import type { BlockedDomain } from "../stats.ts";
import type { Attempt } from "./attempt.ts";
import type { DomainEntry } from "./domain_entry.ts";
import { DomainTable } from "./domain_table.ts";
import { mix, NameDigest } from "./name_digest.ts";
import { Sampling } from "./sampling.ts";
import { Seen } from "./seen.ts";
import { Spreads } from "./spread.ts";

/** The registrable domain of a name; undefined where it has none, being a public suffix itself. */
export type RegistrableDomain = (name: string) => string | undefined;

/** What a type of its own says beside a known name, in bits. */
const TYPE_BITS = 16;
/** The types that programs ask for side by side. */
const USUAL_TYPES: ReadonlySet<number> = new Set([1, 28, 65]);

/** Until the list of public suffixes has been read: the last two labels. */
function lastTwoLabels(name: string): string | undefined {
  return /[^.]+\.[^.]+$/.exec(name)?.[0];
}

/** What it is told the time by. */
export interface Moments {
  readonly wall: number;
  readonly monotonic: number;
}

/** Counts them. What it takes does not grow with their number, and neither does the time for each. */
export class Blocked {
  readonly #digest: NameDigest;
  readonly #table = new DomainTable();
  readonly #seen = new Seen();
  readonly #sampling = new Sampling();
  readonly #spreads = new Spreads();
  #registrable: RegistrableDomain = lastTwoLabels;
  /** That of the last query; undefined where it was passed over, or was for the root. */
  #last: DomainEntry | undefined;
  #bits = 0;

  /** `onAttempt` is called with what may be worth an alarm. */
  constructor(
    random: Random,
    readonly time: Moments,
    readonly onAttempt: (attempt: Attempt, now: number) => void,
  ) {
    this.#digest = new NameDigest(random);
  }

  /** Groups by this from now on; what was grouped otherwise is forgotten. */
  groupBy(registrable: RegistrableDomain): void {
    this.#registrable = registrable;
    this.#last = undefined;
    this.#table.keepOnly(({ domain, isWhole }) => (registrable(domain) !== domain) === isWhole);
  }

  /** Counts a query. That for the root says nothing. */
  count(client: string, question: QuestionSeen): void {
    const digest = this.#digest;
    this.#last = undefined;
    if (question.wire.labels === 0) return;
    digest.read(question.wire);
    const kept = this.#table.find(digest);
    if (kept !== undefined) return this.#add(kept, client, question.type, 1, false);
    const { weight } = this.#sampling;
    if (!this.#sampling.takes(mix(digest.name))) return;
    const entry = this.#insert(question);
    this.#add(entry, client, question.type, weight, true);
  }

  /** Keeps the name of the query that was counted last, to show. */
  keepExample(name: string, type: string): void {
    this.#last?.keepExample(name, type);
  }

  /** A second is over. Whether no more of them need be told. */
  endSecond(): boolean {
    return this.#sampling.endSecond();
  }

  /** All bytes, those of domains that are not kept too. */
  get bytes(): number {
    return Math.round(this.#bits / 8);
  }

  /** The largest, by bytes. */
  largest(count: number): BlockedDomain[] {
    const order = [...this.#table.entries].sort((a, b) => b.bits - a.bits || b.queries - a.queries);
    return order.slice(0, count).map(({ summary }) => summary);
  }

  #insert(question: QuestionSeen): DomainEntry {
    const { name } = question;
    const domain = this.#registrable(name);
    const isWhole = domain === undefined;
    const depth = isWhole ? this.#digest.labels : domain.split(".").length;
    const { wall } = this.time;
    const entry = this.#table.insert(this.#digest, domain ?? name, depth, isWhole, wall);
    entry.keepExample(name, question.typeName);
    return entry;
  }

  #add(
    entry: DomainEntry,
    client: string,
    type: number,
    weight: number,
    mayBeNewDomain: boolean,
  ): void {
    const { monotonic: now, wall } = this.time;
    this.#last = entry;
    const { name } = this.#digest;
    const isNewName = this.#seen.isNew(name);
    const bits = isNewName ? this.#information(entry) : this.#typeInformation(name, type);
    this.#bits += bits * weight;
    const attempt = entry.add({ client, bits, isNewName, weight, wall, now });
    this.#table.sink(entry);
    if (bits > 0 && attempt.isDue(now)) this.onAttempt(attempt, now);
    if (mayBeNewDomain) this.#countSpread(entry, client, bits, weight);
  }

  /** What the labels of a new name below its domain can have carried, in bits. */
  #information(entry: DomainEntry): number {
    const { labels, own, bits } = this.#digest;
    const below = labels - entry.depth;
    this.#digest.readLabels(below);
    let sum = 0;
    for (let label = 0; label < below; label++) {
      const most = bits[label]!;
      if (this.#seen.isNew(own[label]! ^ entry.hash)) {
        entry.labels++;
        sum += most;
      } else {
        sum += Math.min(most, Math.log2(1 + entry.labels));
      }
    }
    return sum;
  }

  #typeInformation(name: number, type: number): number {
    if (USUAL_TYPES.has(type)) return 0;
    const isNew = this.#seen.isNew(name ^ Math.imul(type + 1, 0x9e3779b1));
    if (!isNew) return 0;
    return isKnownType(type) ? TYPE_BITS / 4 : TYPE_BITS;
  }

  /** A domain that nobody has asked for says something by itself: its own label. `below`: the bits of the name. */
  #countSpread(
    { hash, depth }: DomainEntry,
    client: string,
    below: number,
    weight: number,
  ): void {
    if (!this.#seen.isNew(hash ^ depth)) return;
    const { labels, bits } = this.#digest;
    this.#digest.readLabels(labels - depth + 1);
    const own = bits[labels - depth]!;
    this.#bits += own * weight;
    const now = this.time.monotonic;
    const attempt = this.#spreads.add(client, now, own + below, weight);
    if (attempt.isDue(now)) this.onAttempt(attempt, now);
  }
}
