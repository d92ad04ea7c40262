/** All of resolution, put together: the table, names below wildcards, and the ways to the upstreams. */

import type { Observer } from "../observe/event.ts";
import type { Mode, Policy, Rule, Upstream } from "../policy/mod.ts";
import type { ServingSystem } from "../system/mod.ts";
import { AHEAD, Ahead } from "./ahead.ts";
import { ON_DEMAND } from "./kept.ts";
import { MadeUpNames, type MadeUpParts } from "./made_up.ts";
import { KEPT_FRESH, Refresher } from "./refresher.ts";
import { OVERLOAD, type Resolution, type Resolve } from "./resolution.ts";
import type { Slot, SlotParts } from "./slot.ts";
import { holderOf, Starts } from "./starts.ts";
import { type ResolverStatus, surveyTable, type TableStatus } from "./status.ts";
import { Table } from "./table.ts";
import { Counts } from "./upstream_counts.ts";
import { keyOfWays, openWays, type Ways } from "./ways.ts";

/** Resolves allowed questions. */
export interface Resolver {
  readonly resolve: Resolve;
  /** Whether an answer is awaited from any upstream. */
  readonly isAsking: boolean;
  status(): ResolverStatus;
  /** Looks through what is kept, some of it at a time. */
  survey(): Generator<void, TableStatus>;
  /** Begins to keep hermetic rules resolved, and asks each upstream whether it is there. */
  begin(): void;
  /**
   * Puts another policy into force. What is known of a name that is still listed is kept, judged by its new rule, and
   * its floor goes on. Throws where sockets cannot be opened; then nothing has changed.
   */
  reload(policy: Policy): void;
  /** Gives the sockets back. What is under way gets no answer. */
  close(): void;
}

/** Many clients may wait for one question: this many times `in_flight`. */
const WAITING_PER_QUESTION = 56;

/** Opens the sockets towards the upstreams. Throws where that fails. */
export function createResolver(
  policy: Policy,
  machine: ServingSystem,
  observer: Observer,
): Resolver {
  return new PolicyResolver(policy, machine, observer);
}

class PolicyResolver implements Resolver {
  #ways: Ways;
  #table: Table;
  readonly #counts = new Counts();
  #upstreams: readonly Upstream[];
  readonly #refresher: Refresher;
  readonly #ahead: Ahead;
  readonly #starts: Starts;
  readonly #madeUp: MadeUpNames;

  constructor(policy: Policy, readonly machine: ServingSystem, readonly observer: Observer) {
    this.#refresher = new Refresher(machine.clock, observer);
    this.#ahead = new Ahead(machine.clock);
    this.#ways = openWays(policy, machine, observer, this.#counts);
    this.#upstreams = policy.upstreams;
    this.#starts = new Starts(this.#ways.places.exact);
    this.#table = new Table(policy.rules, this.#partsFor(policy));
    this.#madeUp = new MadeUpNames(policy, this.#madeUpParts(policy));
  }

  readonly resolve: Resolve = (question, rule, client, now) => {
    const slot = this.#table.find(question, rule);
    if (slot === undefined) return this.#madeUp.resolve(question, rule, client, now);
    slot.isWanted = true;
    return slot.freshAt(now) ?? this.#resolveSlot(slot, client);
  };

  get isAsking(): boolean {
    return this.#ways.isAsking;
  }

  status(): ResolverStatus {
    return {
      upstreams: this.#upstreams.map((upstream) => ({
        upstream,
        isAnswering: this.#ways.isAnswering(upstream),
        ...this.#counts.of(upstream),
      })),
      untried: this.#refresher.untried,
    };
  }

  survey(): Generator<void, TableStatus> {
    return surveyTable(this.#table.all, this.machine.clock.monotonic());
  }

  begin(): void {
    this.#ways.probe();
    this.#refresher.keep(this.#slotsOf("hermetic"));
  }

  reload(policy: Policy): void {
    const old = this.#ways;
    if (old.key !== keyOfWays(policy)) {
      this.#ways = openWays(policy, this.machine, this.observer, this.#counts);
    }
    this.#upstreams = policy.upstreams;
    this.#counts.keep(policy.upstreams);
    const slots = [...this.#madeUp.slots, ...this.#table.slots];
    this.#table = new Table(policy.rules, this.#partsFor(policy), slots);
    const left = slots.filter((slot) => !this.#table.has(slot));
    const isForward = (slot: Slot): boolean =>
      slot.rule.mode === "forward" && this.#table.has(slot);
    this.#starts.keep(this.#ways.places.exact, isForward);
    this.#madeUp.reload(policy, this.#madeUpParts(policy), left);
    this.#refresher.keep(this.#slotsOf("hermetic"));
    this.#ahead.keep(this.#slotsOf("forward"));
    if (this.#ways === old) return;
    old.close();
    this.#ways.probe();
  }

  close(): void {
    this.#ways.close();
  }

  /** What is not fresh: a client may start an emission where the mode is forward, and never where it is hermetic. */
  #resolveSlot(slot: Slot, client: string): Resolution | Promise<Resolution> {
    if (slot.rule.mode === "hermetic") return slot.stale ?? slot.wait();
    if (!slot.canStart) return slot.wait();
    const holder = holderOf(client, slot.rule);
    if (!this.#starts.hasRoom(holder)) return slot.stale ?? OVERLOAD;
    this.#starts.note(slot, holder);
    slot.start(slot.parts.clock.monotonic());
    return slot.wait();
  }

  #slotsOf(mode: Mode): Slot[] {
    return this.#table.slots.filter(({ rule }) => rule.mode === mode);
  }

  /** What the slots of exact rules work with. */
  #partsFor(policy: Policy): (rule: Rule) => SlotParts {
    const onDemand = this.#onDemandPartsFor(policy);
    const forward: SlotParts = {
      ...onDemand,
      upkeep: AHEAD,
      onEnd: (slot) => {
        this.#starts.end(slot);
        this.#ahead.plan(slot);
      },
    };
    const hermetic: SlotParts = {
      ...onDemand,
      lane: this.#ways.lanes.hermetic,
      gate: this.#ways.gates.hermetic,
      upkeep: KEPT_FRESH,
      onRound: (slot) => this.#refresher.noteRound(slot),
      onEnd: (slot, earliest) => this.#refresher.plan(slot, earliest),
    };
    return ({ mode }) => mode === "hermetic" ? hermetic : forward;
  }

  #onDemandPartsFor({ cache, query }: Policy): SlotParts {
    const { ticks, lanes, gates } = this.#ways;
    return {
      clock: this.machine.clock,
      ticks,
      cache,
      mostWaiting: query.inFlight * WAITING_PER_QUESTION,
      lane: lanes.forward,
      gate: gates.exact,
      upkeep: ON_DEMAND,
      onRound: () => {},
      onEnd: () => {},
    };
  }

  #madeUpParts(policy: Policy): MadeUpParts {
    return {
      onDemand: this.#onDemandPartsFor(policy),
      ways: this.#ways,
      observer: this.observer,
    };
  }
}
