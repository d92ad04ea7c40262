/**
 * How questions leave: on which ticks, through which gates and by which lanes.
 *
 * All of it follows from a few parts of the policy. As long as a reload leaves these as they are, what is under way
 * goes on; otherwise there are new ways, and what was under way leaves by them.
 */

import type { Observer } from "../observe/event.ts";
import { type Mode, type Policy, TCP_PORTS, type Upstream } from "../policy/mod.ts";
import type { ServingSystem } from "../system/mod.ts";
import { type Gate, Places, Rate } from "./gate.ts";
import { type Lane, openLane } from "./lane.ts";
import { Ticks } from "./ticks.ts";
import type { Counts } from "./upstream_counts.ts";
import { UpstreamWatch } from "./upstream_watch.ts";

/** How many sockets there are towards upstreams in each address family, for all lanes. */
const SOCKETS = 256;

/** How many questions may be under way of exact rules, of names below wildcards, and of names that are learned. */
export interface Shares {
  readonly exact: number;
  readonly wildcards: number;
  readonly learned: number;
}

/** All ways of one policy, or of several that do not differ here. */
export interface Ways {
  /** What they follow from, as text. */
  readonly key: string;
  readonly ticks: Ticks;
  readonly lanes: Readonly<Record<Mode, Lane>>;
  readonly gates: Readonly<Record<keyof Shares | "hermetic", Gate>>;
  /** How many emissions clients may have started at a time. */
  readonly places: Shares;
  /** Whether an answer is awaited from any upstream. */
  readonly isAsking: boolean;
  /** Whether an upstream has said something, and has not fallen silent since. */
  isAnswering(upstream: Upstream): boolean;
  /** Asks each upstream whether it is there. */
  probe(): void;
  /** Gives the sockets back. What is under way gets no answer. */
  close(): void;
}

/** Of what in a policy its ways are made. */
export function keyOfWays(policy: Policy): string {
  const { upstreams, query, hermetic } = policy;
  const servers = upstreams.map(({ name, key }) => [name, key]);
  return JSON.stringify([
    servers,
    query,
    hermetic,
    [...modesOf(policy)].sort(),
    sharePlaces(policy),
  ]);
}

/** Opens the sockets towards the upstreams. Throws where that fails. */
export function openWays(
  policy: Policy,
  machine: ServingSystem,
  observer: Observer,
  counts: Counts,
): Ways {
  const { query, hermetic, upstreams } = policy;
  const ticks = new Ticks(machine.clock, query.tick);
  const watch = new UpstreamWatch(upstreams, ticks, observer);
  const lanes = openLanes(policy, machine, ticks, watch, counts);
  const places = sharePlaces(policy);
  return {
    key: keyOfWays(policy),
    ticks,
    lanes,
    gates: {
      exact: new Places(places.exact, ticks),
      wildcards: new Places(places.wildcards, ticks),
      learned: new Places(places.learned, ticks),
      hermetic: new Rate(hermetic.rate, ticks),
    },
    places,
    get isAsking(): boolean {
      return lanes.forward.asking > 0 || lanes.hermetic.asking > 0;
    },
    isAnswering: (upstream) => watch.isAnswering(upstream),
    probe: () => watch.probe(lanes.forward.exchange),
    close: () => {
      ticks.close();
      for (const lane of new Set(Object.values(lanes))) lane.close();
    },
  };
}

function modesOf({ rules: { rules, lists }, learn }: Policy): Set<Mode> {
  const learned = learn === undefined ? [] : [learn.rule];
  const templates = lists.map(({ template }) => template);
  return new Set([...rules, ...templates, ...learned].map(({ mode }) => mode));
}

/** A lane for each mode that the policy has; sockets and ports are shared out. */
function openLanes(
  policy: Policy,
  { network, clock, random }: ServingSystem,
  ticks: Ticks,
  watch: UpstreamWatch,
  counts: Counts,
): Readonly<Record<Mode, Lane>> {
  const modes = modesOf(policy);
  const share = Math.max(1, modes.size);
  const ports = TCP_PORTS.count / share;
  const lanes: Lane[] = [];
  const open = (label: string): Lane => {
    const lane = openLane(policy, {
      network,
      clock,
      random: random.fork(label),
      ticks,
      sockets: SOCKETS / share,
      tcpPorts: { first: TCP_PORTS.first + lanes.length * ports, count: ports },
      counts,
      onReply: (upstream) => watch.noteReply(upstream),
      onSilent: (upstream, problem) => watch.noteSilence(upstream, problem),
    });
    lanes.push(lane);
    return lane;
  };
  try {
    const first = open("first");
    return modes.size < 2
      ? { forward: first, hermetic: first }
      : { forward: first, hermetic: open("hermetic") };
  } catch (error) {
    for (const lane of lanes) lane.close();
    throw error;
  }
}

/**
 * Exact rules and names that clients make up have half of `in_flight` each, where there are both; of the latter half
 * each wildcards and names that are learned, where there are both.
 */
function sharePlaces({ rules, learn, query: { inFlight } }: Policy): Shares {
  const written = rules.rules.filter(({ pattern }) => pattern.reach !== "exact").length;
  const wildcards = rules.lists.reduce((sum, { counts }) => sum + counts.wildcards, written);
  const [exact, madeUp] = share(
    inFlight,
    rules.size > wildcards,
    wildcards > 0 || learn !== undefined,
  );
  const [below, learned] = share(madeUp, wildcards > 0, learn !== undefined);
  return { exact, wildcards: below, learned };
}

/** Half of some places for each of two, or all of them for the one that there is. */
function share(places: number, isFirst: boolean, isSecond: boolean): [number, number] {
  if (!isFirst || !isSecond) return [places, places];
  return [Math.ceil(places / 2), Math.max(1, Math.floor(places / 2))];
}
