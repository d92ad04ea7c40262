/** How often each upstream was asked, and what came of it. */

import type { Upstream } from "../policy/mod.ts";

/** What has come of the questions to one upstream. */
export class UpstreamCounts {
  questions = 0;
  answers = 0;
  failures = 0;
  unreachable = 0;
}

/** The counts of each upstream that a policy had, by its key: a reload does not begin anew. */
export class Counts {
  readonly #counts = new Map<string, UpstreamCounts>();

  /** Those of one upstream. */
  of({ key }: Upstream): UpstreamCounts {
    let counts = this.#counts.get(key);
    if (counts === undefined) this.#counts.set(key, counts = new UpstreamCounts());
    return counts;
  }

  /** Forgets those of all other upstreams. */
  keep(upstreams: readonly Upstream[]): void {
    const kept = new Set(upstreams.map(({ key }) => key));
    for (const key of this.#counts.keys()) if (!kept.has(key)) this.#counts.delete(key);
  }
}
