/**
 * The largest domains, in memory that does not grow: Space-Saving (Metwally, Agrawal and El Abbadi, 2005) with weights.
 *
 * A domain that is new takes the place of the smallest, and begins with its rank, which from then on is its error. So
 * the smallest rank is never more than all that was counted, divided by the size of the table, and whatever has more
 * than that is in it.
 */

import { DomainEntry } from "./domain_entry.ts";
import type { NameDigest } from "./name_digest.ts";

/** How many domains are kept. */
export const KEPT_DOMAINS = 1024;

/** Registrable domains have few labels: no public suffix has more than five. */
const MOST_DEPTH = 8;

/** Entries found by their hash, and a heap of them, the smallest first. */
export class DomainTable {
  readonly #byHash = new Map<number, DomainEntry>();
  readonly #heap: DomainEntry[] = [];

  /** The entry of a name's domain. */
  find({ labels, suffixes }: NameDigest): DomainEntry | undefined {
    const deepest = Math.min(labels, MOST_DEPTH);
    for (let depth = 1; depth <= deepest; depth++) {
      const entry = this.#byHash.get(suffixes[labels - depth]!);
      if (entry !== undefined && (!entry.isWhole || depth === labels)) return entry;
    }
    return undefined;
  }

  /** Takes in the domain of a name, of so many labels, that is not there; `wall` in ms since 1970. */
  insert(
    { labels, suffixes }: NameDigest,
    domain: string,
    depth: number,
    isWhole: boolean,
    wall: number,
  ): DomainEntry {
    const hash = suffixes[labels - depth]!;
    // One that has the same hash, by chance, makes room too.
    const other = this.#byHash.get(hash);
    const isFull = this.#heap.length === KEPT_DOMAINS;
    const leaves = other ?? (isFull ? this.#heap[0]! : undefined);
    const entry = new DomainEntry(domain, hash, depth, isWhole, wall, leaves?.rank ?? 0);
    if (leaves !== undefined) this.#byHash.delete(leaves.hash);
    this.#byHash.set(hash, entry);
    this.#put(entry, leaves?.place ?? this.#heap.length);
    if (leaves === undefined) this.#rise(entry);
    return entry;
  }

  /** Sees to the order of the heap after an entry's rank has grown. */
  sink(entry: DomainEntry): void {
    const heap = this.#heap;
    let { place } = entry;
    while (true) {
      const left = 2 * place + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const smaller = right < heap.length && heap[right]!.rank < heap[left]!.rank ? right : left;
      if (heap[smaller]!.rank >= entry.rank) break;
      this.#put(heap[smaller]!, place);
      place = smaller;
    }
    this.#put(entry, place);
  }

  /** Forgets those of which it does not hold. */
  keepOnly(holds: (entry: DomainEntry) => boolean): void {
    const kept = this.#heap.filter(holds).sort((a, b) => a.rank - b.rank);
    this.#heap.length = 0;
    this.#byHash.clear();
    for (const entry of kept) {
      this.#put(entry, this.#heap.length);
      this.#byHash.set(entry.hash, entry);
    }
  }

  /** All of them, in no order. */
  get entries(): readonly DomainEntry[] {
    return this.#heap;
  }

  #rise(entry: DomainEntry): void {
    let { place } = entry;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#heap[parent]!.rank <= entry.rank) break;
      this.#put(this.#heap[parent]!, place);
      place = parent;
    }
    this.#put(entry, place);
  }

  #put(entry: DomainEntry, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}
