/** Which upstreams have been silent of late: they are asked last. */

import type { Upstream } from "../policy/mod.ts";
import type { Clock } from "../system/mod.ts";

/** How long a silent upstream is asked last, in ms. */
export const AVOID_TIME = 5000;

/** Remembers silence. */
export class Health {
  readonly #avoidUntil = new Map<Upstream, number>();

  constructor(readonly clock: Clock) {}

  noteSilence(upstream: Upstream): void {
    this.#avoidUntil.set(upstream, this.clock.monotonic() + AVOID_TIME);
  }

  noteReply(upstream: Upstream): void {
    this.#avoidUntil.delete(upstream);
  }

  /** The upstreams in the order in which to ask them. */
  order(upstreams: readonly Upstream[]): readonly Upstream[] {
    if (this.#avoidUntil.size === 0) return upstreams;
    const now = this.clock.monotonic();
    const isSilent = (upstream: Upstream): boolean => (this.#avoidUntil.get(upstream) ?? 0) > now;
    return [
      ...upstreams.filter((upstream) => !isSilent(upstream)),
      ...upstreams.filter(isSilent),
    ];
  }
}
