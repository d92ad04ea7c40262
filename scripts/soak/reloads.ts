/** Reloads: policies that list other names of those that come and go, and broken ones in between. */

import type { SeededRandom } from "../../tests/support/seeded_random.ts";
import type { Firewall } from "./firewall.ts";
import { brokenPolicy, goodPolicy, namesOf, type PolicyParts } from "./policies.ts";
import type { Listings } from "./spans.ts";

/** How long a policy holds, in ms: the least, and up to how much more. */
const [LEAST, MORE] = [2500, 4000];

/** Writes policies, and asks for reloads. */
export class Reloads {
  good = 0;
  broken = 0;
  #flips: readonly string[] = namesOf("flip");
  #isOver = false;
  #wake = (): void => {};

  /** `now` is in ms since the start. */
  constructor(
    readonly file: string,
    readonly parts: PolicyParts,
    readonly random: SeededRandom,
    readonly now: () => number,
  ) {}

  /** Writes the first policy; returns the names that it lists. */
  writeFirst(): ReadonlySet<string> {
    this.#write(goodPolicy(this.parts, 0, this.#flips));
    return new Set(this.#flips);
  }

  /** Reloads every few seconds, until `end` is called. Rejects where the program ends. */
  async run(firewall: Firewall, listings: Listings): Promise<void> {
    for (let round = 1;; round++) {
      await this.#pause(LEAST + this.random.below(MORE));
      if (this.#isOver) return;
      if (round % 3 === 0) await this.#break(firewall, round / 3);
      else await this.#change(firewall, listings, round);
    }
  }

  /** No further reload begins. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async #change(firewall: Firewall, listings: Listings, round: number): Promise<void> {
    const flips = namesOf("flip").filter(() => this.random.below(3) > 0);
    this.#write(goodPolicy(this.parts, round, flips));
    listings.changing(this.now(), new Set(flips));
    await firewall.reload(/^Reloaded /m);
    listings.changed(this.now());
    this.#flips = flips;
    this.good++;
  }

  async #break(firewall: Firewall, round: number): Promise<void> {
    this.#write(brokenPolicy(this.parts, round));
    await firewall.reload(/^Not reloaded, /m);
    this.broken++;
  }

  /** As editors do: the file is whole at all times. */
  #write(toml: string): void {
    Deno.writeTextFileSync(`${this.file}.new`, toml);
    Deno.renameSync(`${this.file}.new`, this.file);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
