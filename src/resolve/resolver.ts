/** All of resolution, put together: the table, names below wildcards, and a lane for each mode. */

import type { Observer } from "../observe/event.ts";
import { type Mode, type Policy, TCP_PORTS } from "../policy/mod.ts";
import type { ServingSystem } from "../system/mod.ts";
import { Places, Rate } from "./gate.ts";
import { type Lane, openLane } from "./lane.ts";
import { leadOf, Refresher } from "./refresher.ts";
import type { Resolution, Resolve } from "./resolution.ts";
import type { Slot, SlotParts } from "./slot.ts";
import { Table } from "./table.ts";
import { Ticks } from "./ticks.ts";
import { UpstreamWatch } from "./upstream_watch.ts";
import { Wildcards } from "./wildcards.ts";

/** Resolves allowed questions. */
export interface Resolver {
  readonly resolve: Resolve;
  /** Whether an answer is awaited from any upstream. */
  readonly isAsking: boolean;
  /** Begins to keep hermetic rules resolved, and asks each upstream whether it is there. */
  begin(): void;
  /** Gives the sockets back. What is under way gets no answer. */
  close(): void;
}

/** How many sockets there are towards upstreams in each address family, for all lanes. */
const SOCKETS = 256;

/** Many clients may wait for one question: this many times `in_flight`. */
const WAITING_PER_QUESTION = 32;

/** Opens the sockets towards the upstreams. Throws where that fails. */
export function createResolver(
  policy: Policy,
  machine: ServingSystem,
  observer: Observer,
): Resolver {
  const { clock } = machine;
  const { query, cache, budget, hermetic } = policy;
  const ticks = new Ticks(clock, query.tick);
  const watch = new UpstreamWatch(policy.upstreams, ticks, observer);
  const lanes = openLanes(policy, machine, ticks, watch);
  const refresher = new Refresher(clock, observer);
  const [exactPlaces, wildcardPlaces] = sharePlaces(policy);
  const shared = { clock, ticks, cache, mostWaiting: query.inFlight * WAITING_PER_QUESTION };
  const forwardParts = {
    ...shared,
    lane: lanes.forward,
    gate: new Places(exactPlaces, ticks),
    leadOf: () => 0,
    onRound: () => {},
    onEnd: () => {},
  };
  const hermeticParts: SlotParts = {
    ...shared,
    lane: lanes.hermetic,
    gate: new Rate(hermetic.rate, ticks),
    leadOf,
    onRound: (slot) => refresher.noteRound(slot),
    onEnd: (slot, earliest) => refresher.plan(slot, earliest),
  };
  const table = new Table(
    policy.rules.rules,
    ({ mode }) => mode === "hermetic" ? hermeticParts : forwardParts,
  );
  const wildcards = new Wildcards({
    ...forwardParts,
    gate: new Places(wildcardPlaces, ticks),
    observer,
    perHour: budget.wildcardsPerHour,
    mostUnderWay: wildcardPlaces,
    place: table.slots.length,
  });
  const own = table.slots.filter(({ rule }) => rule.mode === "hermetic");
  return {
    resolve: (question, rule, client) => {
      const slot = table.find(question, rule);
      return slot === undefined
        ? wildcards.resolve(question, rule, client)
        : slot.fresh ?? resolveSlot(slot, rule.mode);
    },
    get isAsking(): boolean {
      return lanes.forward.asking > 0 || lanes.hermetic.asking > 0;
    },
    begin: () => {
      watch.probe(lanes.forward.exchange);
      refresher.begin(own);
    },
    close: () => {
      ticks.close();
      for (const lane of new Set(Object.values(lanes))) lane.close();
    },
  };
}

/** What is not fresh: a client may start an emission where the mode is forward, and never where it is hermetic. */
function resolveSlot(slot: Slot, mode: Mode): Resolution | Promise<Resolution> {
  if (mode === "hermetic") return slot.stale ?? slot.wait();
  if (slot.canStart) slot.start(slot.parts.clock.monotonic());
  return slot.wait();
}

/** A lane for each mode that the policy has; sockets and ports are shared out. */
function openLanes(
  { rules: { rules }, ...policy }: Policy,
  { network, clock, random }: ServingSystem,
  ticks: Ticks,
  watch: UpstreamWatch,
): Readonly<Record<Mode, Lane>> {
  const modes = new Set(rules.map(({ mode }) => mode));
  const share = Math.max(1, modes.size);
  const ports = TCP_PORTS.count / share;
  const lanes: Lane[] = [];
  const open = (): Lane => {
    const lane = openLane(policy, {
      network,
      clock,
      random: random.fork(),
      ticks,
      sockets: SOCKETS / share,
      tcpPorts: { first: TCP_PORTS.first + lanes.length * ports, count: ports },
      onReply: (upstream) => watch.noteReply(upstream),
      onSilent: (upstream) => watch.noteSilence(upstream),
    });
    lanes.push(lane);
    return lane;
  };
  try {
    const first = open();
    return modes.size < 2
      ? { forward: first, hermetic: first }
      : { forward: first, hermetic: open() };
  } catch (error) {
    for (const lane of lanes) lane.close();
    throw error;
  }
}

/** How many questions of exact rules may be under way, and how many of wildcards: half each, where there are both. */
function sharePlaces({ rules: { rules }, query: { inFlight } }: Policy): [number, number] {
  const wildcards = rules.filter(({ pattern }) => pattern.reach !== "exact").length;
  if (wildcards === 0 || wildcards === rules.length) return [inFlight, inFlight];
  return [Math.ceil(inFlight / 2), Math.max(1, Math.floor(inFlight / 2))];
}
