/**
 * Names found by their hash: one probe and one comparison, no object for any of them.
 *
 * Open addressing with linear probing. A name's slot is the first free one from where its hash says; at most half of
 * them are taken, so that rows of taken ones stay short. A slot holds the name's hash beside its place: texts are far
 * apart in memory, and so only that of the right name is looked at (which saves a quarter of the time to index a million).
 */

import type { WireName } from "../wire/mod.ts";
import type { NameTexts } from "./name_texts.ts";

/** 2^32 divided by the golden ratio: spreads hashes over the bits that `#shift` leaves (Knuth, TAOCP 3, 6.4). */
const SPREAD = 0x9e3779b1;

/** The fewest slots, as a power of two. */
const FEWEST = 4;

/** A set of names. */
export class NameIndex {
  /** For each slot the place of its name plus one, or 0 where it is free, and its hash. */
  #slots = new Uint32Array(0);
  #mask = 0;
  /** How far a spread hash is shifted to be the number of a slot. */
  #shift = 32;
  #size = 0;

  constructor(readonly texts: NameTexts) {}

  /** How many names there are. */
  get size(): number {
    return this.#size;
  }

  /** Makes room for so many names in all, so that taking them in moves none. */
  reserve(names: number): void {
    let bits = FEWEST;
    while (2 ** bits < 2 * names) bits++;
    if (this.#slots.length < 2 * 2 ** bits) this.#resize(bits);
  }

  /** The place of a name, seen from one of its labels on; -1 where it is none of these. */
  find(name: WireName, label: number): number {
    const slots = this.#slots;
    if (slots.length === 0) return -1;
    const hash = name.hashes[label]!;
    let slot = Math.imul(hash, SPREAD) >>> this.#shift;
    while (true) {
      const place = slots[2 * slot]! - 1;
      if (place < 0) return -1;
      if (slots[2 * slot + 1] === hash && this.texts.equals(place, name, label)) return place;
      slot = (slot + 1) & this.#mask;
    }
  }

  /**
   * Adds the name at a place, whose hash is that of a `WireName`, as an unsigned number; the place of its twin where it
   * is one of these already, or else -1.
   */
  add(place: number, hash: number): number {
    if (2 * this.#size >= this.#mask) this.reserve(this.#size + 1);
    const slots = this.#slots;
    let slot = Math.imul(hash, SPREAD) >>> this.#shift;
    while (slots[2 * slot] !== 0) {
      const other = slots[2 * slot]! - 1;
      if (slots[2 * slot + 1] === hash && this.texts.areSame(place, other)) return other;
      slot = (slot + 1) & this.#mask;
    }
    slots[2 * slot] = place + 1;
    slots[2 * slot + 1] = hash;
    this.#size++;
    return -1;
  }

  #resize(bits: number): void {
    const old = this.#slots;
    const slots = new Uint32Array(2 * 2 ** bits);
    this.#mask = 2 ** bits - 1;
    this.#shift = 32 - bits;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      let slot = Math.imul(old[i + 1]!, SPREAD) >>> this.#shift;
      while (slots[2 * slot] !== 0) slot = (slot + 1) & this.#mask;
      slots[2 * slot] = old[i]!;
      slots[2 * slot + 1] = old[i + 1]!;
    }
    this.#slots = slots;
  }
}
