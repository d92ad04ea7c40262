/**
 * Which upstreams are silent: they are asked last.
 *
 * A question that gets no answer only raises a suspicion. What decides is a question of our own, so that a client
 * who knows a name that its owner never answers for cannot choose which upstream the others are asked of.
 */

import type { Upstream } from "../policy/mod.ts";
import type { Clock } from "../system/mod.ts";
import { TYPE } from "../wire/mod.ts";
import type { Exchange } from "./exchange.ts";
import type { Cancel } from "./outcome.ts";

/** A question that every resolver can answer and that tells nobody anything. */
export const PROBE = { name: ".", type: TYPE.NS };

/** How long an upstream has for our own question, in ms. */
const PROBE_TIME = 900;

/** How long until a silent upstream is asked again whether it is back, in ms. */
export const PROBE_EVERY = 5000;

/** Finds out which upstreams are silent, and when they are back. */
export class Health {
  readonly #silent = new Set<Upstream>();
  /** Calls off the probe, or the wait for the next one, of each upstream that is under suspicion. */
  readonly #suspects = new Map<Upstream, Cancel>();

  constructor(
    readonly exchange: Exchange,
    readonly clock: Clock,
    readonly onSilent: (upstream: Upstream) => void,
  ) {}

  /** An upstream has let a question go unanswered. */
  suspect(upstream: Upstream): void {
    if (!this.#suspects.has(upstream)) this.#probe(upstream);
  }

  /** An upstream has said something. */
  noteReply(upstream: Upstream): void {
    this.#suspects.get(upstream)?.();
    this.#suspects.delete(upstream);
    this.#silent.delete(upstream);
  }

  /** The upstreams in the order in which to ask them. */
  order(upstreams: readonly Upstream[]): readonly Upstream[] {
    if (this.#silent.size === 0) return upstreams;
    const isSilent = (upstream: Upstream): boolean => this.#silent.has(upstream);
    return [...upstreams.filter((one) => !isSilent(one)), ...upstreams.filter(isSilent)];
  }

  /** Calls off everything that is under way. */
  close(): void {
    for (const cancel of this.#suspects.values()) cancel();
    this.#suspects.clear();
  }

  #probe(upstream: Upstream): void {
    const cancelProbe = this.exchange(PROBE, upstream, (outcome) => {
      if (outcome.kind !== "unreachable" || outcome.isOurs) this.noteReply(upstream);
    });
    const cancelTimer = this.clock.setTimer(PROBE_TIME, () => {
      cancelProbe();
      if (!this.#silent.has(upstream)) this.onSilent(upstream);
      this.#silent.add(upstream);
      this.#suspects.set(
        upstream,
        this.clock.setTimer(PROBE_EVERY, () => this.#probe(upstream)),
      );
    });
    this.#suspects.set(upstream, () => {
      cancelProbe();
      cancelTimer();
    });
  }
}
