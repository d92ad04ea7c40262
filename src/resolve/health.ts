/**
 * Which upstreams are silent: they are asked last.
 *
 * A question that gets no answer only raises a suspicion. What decides is a question of our own, so that a client
 * who knows a name that its owner never answers for cannot choose which upstream the others are asked of.
 */

import type { Upstream } from "../policy/mod.ts";
import { TYPE } from "../wire/mod.ts";
import type { Exchange } from "./exchange.ts";
import type { Cancel } from "./outcome.ts";
import { FIRST, type Ticks } from "./ticks.ts";

/** A question that every resolver can answer and that tells nobody anything. */
export const PROBE = { name: ".", type: TYPE.NS };

/** How long any word of a suspected upstream saves it from our own question, in ms. */
const DOUBT_TIME = 100;

/** How long an upstream has for our own question, in ms. */
const PROBE_TIME = 900;

/** How long until a silent upstream is asked again whether it is back, in ms. */
export const PROBE_EVERY = 5000;

/** Finds out which upstreams are silent, and when they are back. */
export class Health {
  /** The keys of those that are. */
  readonly #silent = new Set<string>();
  /** Calls off the probe, or the wait for the next one, of each upstream that is under suspicion; by key. */
  readonly #suspects = new Map<string, Cancel>();

  constructor(
    readonly exchange: Exchange,
    readonly ticks: Ticks,
    /** At each question of our own that gets no answer; `problem` is why it could not be sent, where it could not. */
    readonly onSilent: (upstream: Upstream, problem?: string) => void,
  ) {}

  /** An upstream has let a question go unanswered. */
  suspect(upstream: Upstream): void {
    if (this.#suspects.has(upstream.key)) return;
    const probe = this.ticks.time + DOUBT_TIME;
    this.#suspects.set(upstream.key, this.ticks.at(probe, FIRST, () => this.#probe(upstream)));
  }

  /** An upstream has said something. */
  noteReply(upstream: Upstream): void {
    this.#suspects.get(upstream.key)?.();
    this.#suspects.delete(upstream.key);
    this.#silent.delete(upstream.key);
  }

  /** The upstreams in the order in which to ask them. */
  order(upstreams: readonly Upstream[]): readonly Upstream[] {
    if (this.#silent.size === 0) return upstreams;
    const isSilent = (upstream: Upstream): boolean => this.#silent.has(upstream.key);
    return [...upstreams.filter((one) => !isSilent(one)), ...upstreams.filter(isSilent)];
  }

  /** Calls off everything that is under way. */
  close(): void {
    for (const cancel of this.#suspects.values()) cancel();
    this.#suspects.clear();
  }

  #probe(upstream: Upstream): void {
    let problem: string | undefined;
    const cancelProbe = this.exchange(PROBE, upstream, FIRST, (outcome) => {
      if (outcome.kind !== "unreachable") return this.noteReply(upstream);
      problem = outcome.problem;
      if (outcome.isOurs) this.#probeLater(upstream);
    });
    const cancelTimer = this.ticks.afterSilence(PROBE_TIME, FIRST, () => {
      cancelProbe();
      this.onSilent(upstream, problem);
      this.#silent.add(upstream.key);
      this.#probeLater(upstream);
    });
    this.#suspects.set(upstream.key, () => {
      cancelProbe();
      cancelTimer();
    });
  }

  /** Whatever was thought of it holds until then. */
  #probeLater(upstream: Upstream): void {
    this.#suspects.get(upstream.key)?.();
    const next = this.ticks.time + PROBE_EVERY;
    this.#suspects.set(upstream.key, this.ticks.at(next, FIRST, () => this.#probe(upstream)));
  }
}
