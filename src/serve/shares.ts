/** What each rule may take of the room for admitted addresses: whoever runs a zone could fill it for all others. */

import { type AdmitRequest, Book, MOST_ADMITTED } from "../admit/mod.ts";
import type { Rule } from "../policy/mod.ts";

/** The most addresses of one rule at a time; an answer that begins below it may end above it. */
export const MOST_OF_RULE = MOST_ADMITTED / 4;

/** Counts the addresses that are admitted for each rule. Times are in ms, monotonic. */
export class Shares {
  /** By the rule's name, so that it outlasts a reload. */
  readonly #books = new Map<string, Book>();

  /** Whether all of these may be admitted for a rule. */
  hasRoom({ name }: Rule, requests: readonly AdmitRequest[], now: number): boolean {
    const book = this.#books.get(name);
    return book === undefined || requests.every(({ address }) => book.hasRoom(address, now));
  }

  /** They have been. */
  note({ name }: Rule, requests: readonly AdmitRequest[], now: number): void {
    const book = this.#books.get(name) ?? new Book(MOST_OF_RULE);
    this.#books.set(name, book);
    for (const { address, seconds } of requests) {
      book.set(address, Math.max(book.until(address), now + seconds * 1000));
    }
  }
}
