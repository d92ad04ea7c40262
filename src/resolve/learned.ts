/**
 * Names that are learned: new ones cost one of so many a day, and those that are known one of so many questions an hour.
 *
 * What is counted hangs on what left alone, and never on what was asked in vain or answered from what is kept. So with
 * all that has left before, a question for a known name is one of at most twice `MOST_LEARNED`, as the leak bound says
 * (`policy/leak_bound.ts`).
 */

import { type Learn, type LearnCaps, learnCaps, MOST_LEARNED } from "../policy/mod.ts";
import type { Question } from "../wire/mod.ts";
import type { Allowance } from "./allowance.ts";
import { Budget, DAY } from "./budget.ts";

const NOTHING: LearnCaps = { names: 0, namesPerDomain: 0, repeatsPerHour: 0 };

/** That of names that no rule lists. It outlasts reloads: what has left counts, whatever the policy was. */
export class LearnAllowance implements Allowance {
  #learn: Learn | undefined;
  #caps = NOTHING;
  readonly #new = new Budget(0, DAY);
  readonly #repeats = new Budget(0);
  /** New names of the last day, the oldest first: when each left, and its registrable domain. */
  readonly #left: { readonly time: number; readonly domain: string }[] = [];
  readonly #perDomain = new Map<string, number>();
  /** Names that left, the one that left last at the end. */
  readonly #known = new Set<string>();

  /** From now on as this says; undefined: none. */
  limit(learn: Learn | undefined): void {
    this.#learn = learn;
    this.#caps = learn === undefined ? NOTHING : learnCaps(learn);
    this.#new.limit(this.#caps.names);
    this.#repeats.limit(this.#caps.repeatsPerHour);
  }

  take({ name }: Question, address: string, time: number): boolean {
    const isTaken = this.#known.has(name)
      ? this.#repeats.take(address, time)
      : this.#takeNew(name, address, time);
    if (isTaken) this.#remember(name);
    return isTaken;
  }

  complain(address: string): string {
    const { names, namesPerDomain, repeatsPerHour } = this.#caps;
    return `Names that no rule lists are over what [learn] lets through, ${namesPerDomain} new ones a day ` +
      `for a domain, ${names} in all, and ${repeatsPerHour} questions an hour for known ones, ` +
      `or ${address} over its share: others go on being denied. If that is no attack, list the ` +
      "names that are needed, or raise names_per_domain_per_day or names_per_day under [learn]";
  }

  #takeNew(name: string, address: string, time: number): boolean {
    this.#forget(time - DAY);
    const domain = this.#learn?.domainOf(name);
    if (domain === undefined) return false;
    const count = this.#perDomain.get(domain) ?? 0;
    if (count >= this.#caps.namesPerDomain || !this.#new.take(address, time)) return false;
    this.#perDomain.set(domain, count + 1);
    this.#left.push({ time, domain });
    return true;
  }

  #forget(until: number): void {
    while (this.#left.length > 0 && this.#left[0]!.time <= until) {
      const { domain } = this.#left.shift()!;
      const count = this.#perDomain.get(domain)! - 1;
      if (count === 0) this.#perDomain.delete(domain);
      else this.#perDomain.set(domain, count);
    }
  }

  #remember(name: string): void {
    this.#known.delete(name);
    this.#known.add(name);
    if (this.#known.size <= MOST_LEARNED) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}
