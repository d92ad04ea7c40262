/** The packet filter, as far as the helper may touch it: it can let out to an address, for a time. */

import type { Clock, Commands } from "../system/mod.ts";
import { Book } from "./book.ts";
import type { Complaints } from "./complaints.ts";
import {
  formatAdmission,
  type NftOutcome,
  readSet,
  runNft,
  type SetName,
  setOf,
  SETS,
} from "./nft.ts";
import { type AdmitRequest, canLeave, type Refusal } from "./protocol.ts";

/** What a filter needs. */
export interface FilterParts {
  readonly clock: Clock;
  readonly commands: Commands;
  readonly complaints: Complaints;
}

const ADVICE: Readonly<Partial<Record<Refusal, string>>> = {
  ruleset:
    "The packet filter has no sets for this: load the ruleset: fw-dns lockdown --to nft --resolved-only | nft -f -",
  full: "A set of the packet filter is full: no more addresses are admitted until some expire",
};

/** Puts addresses into the sets, one transaction after the other. */
export class Filter {
  readonly #books: Readonly<Record<SetName, Book>> = {
    resolved4: new Book(),
    resolved6: new Book(),
  };
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly parts: FilterParts) {}

  /** Learns what is in the sets already: one who came before may have admitted it for longer than we are asked to. */
  async learn(): Promise<void> {
    const { clock, commands } = this.parts;
    for (const set of SETS) {
      const outcome = await runNft(commands, ["-j", "list", "set", "inet", "fw_dns", set], "");
      if (outcome.refusal !== undefined) return this.#complain(outcome.refusal, outcome);
      const now = clock.monotonic();
      for (const [address, seconds] of readSet(outcome.stdout)) {
        if (this.#books[set].hasRoom(address, now)) {
          this.#books[set].set(address, now + seconds * 1000);
        }
      }
    }
  }

  /** Admits all of them in one transaction; for each, undefined or why not. Never rejects. */
  admit(requests: readonly AdmitRequest[]): Promise<readonly (Refusal | undefined)[]> {
    const result = this.#last.then(() => this.#admit(requests));
    this.#last = result;
    return result;
  }

  async #admit(requests: readonly AdmitRequest[]): Promise<(Refusal | undefined)[]> {
    const now = this.parts.clock.monotonic();
    const wanted = new Map<string, number>();
    const refusals = requests.map((request) => this.#want(request, now, wanted));
    if (wanted.size === 0) return refusals;
    const timeouts = new Map(
      [...wanted].map(([address, until]) => [address, Math.ceil((until - now) / 1000)]),
    );
    const outcome = await runNft(this.parts.commands, ["-f", "-"], formatAdmission(timeouts));
    if (outcome.refusal === undefined) {
      for (const [address, until] of wanted) this.#bookOf(address).set(address, until);
      return refusals;
    }
    // With the sets, what was in them is gone.
    if (outcome.refusal === "ruleset") { for (const set of SETS) this.#books[set].clear(); }
    this.#complain(outcome.refusal, outcome);
    return refusals.map((refusal) => refusal ?? outcome.refusal);
  }

  /** Adds what one request comes to, or says why it comes to nothing. */
  #want(
    { address, seconds }: AdmitRequest,
    now: number,
    wanted: Map<string, number>,
  ): Refusal | undefined {
    if (!canLeave(address)) return "reserved";
    const book = this.#bookOf(address);
    if (!book.hasRoom(address, now)) {
      this.#complain("full", { said: "", stdout: "" });
      return "full";
    }
    const least = Math.max(book.until(address), wanted.get(address) ?? -Infinity);
    wanted.set(address, Math.max(least, now + seconds * 1000));
    return undefined;
  }

  #bookOf(address: string): Book {
    return this.#books[setOf(address)];
  }

  #complain(refusal: Refusal, { said }: NftOutcome): void {
    this.parts.complaints.about(refusal, ADVICE[refusal] ?? `nft failed: ${said}`);
  }
}
