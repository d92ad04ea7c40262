/** What was so when; times in ms since the start of the soak. */

/** Spans of time in which something was so, the last of which may go on. */
export class Spans {
  readonly #spans: { readonly from: number; until: number }[] = [];

  /** It is so from now on. */
  begin(at: number): void {
    this.#spans.push({ from: at, until: Infinity });
  }

  /** It is so no more from then on. */
  end(at: number): void {
    const last = this.#spans.at(-1);
    if (last?.until === Infinity) last.until = at;
  }

  /** Whether it was so at any time from `from` to `until`. */
  overlaps(from: number, until: number): boolean {
    return this.#spans.some((one) => one.from <= until && one.until >= from);
  }

  /** How long it was so, up to `now`. */
  total(now: number): number {
    return this.#spans.reduce((sum, { from, until }) => sum + Math.min(until, now) - from, 0);
  }
}

/** Which of the names that come and go are listed, policy by policy. */
export class Listings {
  /** What holds from a time on: one list, or, while a reload is under way, either of two. */
  readonly #steps: { readonly at: number; readonly lists: readonly ReadonlySet<string>[] }[] = [];

  constructor(first: ReadonlySet<string>) {
    this.#steps.push({ at: -Infinity, lists: [first] });
  }

  /** A reload is asked for that is to bring another list. */
  changing(at: number, next: ReadonlySet<string>): void {
    this.#steps.push({ at, lists: [this.#steps.at(-1)!.lists.at(-1)!, next] });
  }

  /** It is there. */
  changed(at: number): void {
    this.#steps.push({ at, lists: [this.#steps.at(-1)!.lists.at(-1)!] });
  }

  /** Whether a name was listed for all of that time; undefined: not for all of it. */
  throughout(name: string, from: number, until: number): boolean | undefined {
    const all = this.#between(from, until).map((list) => list.has(name));
    return all.every((one) => one === all[0]) ? all[0] : undefined;
  }

  /** Whether a name can have been listed at any time from `from` to `until`. */
  ever(name: string, from: number, until: number): boolean {
    return this.throughout(name, from, until) !== false;
  }

  #between(from: number, until: number): ReadonlySet<string>[] {
    const steps = this.#steps;
    let first = steps.length - 1;
    while (first > 0 && steps[first]!.at > from) first--;
    return steps.slice(first).filter(({ at }) => at <= until).flatMap(({ lists }) => lists);
  }
}
