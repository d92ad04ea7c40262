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

/** All ways of one policy, or of several that do not differ here. */
export interface Ways {
  /** What they follow from, as text. */
  readonly key: string;
  readonly ticks: Ticks;
  readonly lanes: Readonly<Record<Mode, Lane>>;
  readonly gates: Readonly<Record<"exact" | "wildcards" | "hermetic", Gate>>;
  /** How many emissions of exact rules, and of names below wildcards, clients may have started at a time. */
  readonly exactPlaces: number;
  readonly wildcardPlaces: number;
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
  const [exactPlaces, wildcardPlaces] = sharePlaces(policy);
  return {
    key: keyOfWays(policy),
    ticks,
    lanes,
    gates: {
      exact: new Places(exactPlaces, ticks),
      wildcards: new Places(wildcardPlaces, ticks),
      hermetic: new Rate(hermetic.rate, ticks),
    },
    exactPlaces,
    wildcardPlaces,
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

function modesOf({ rules: { rules, lists } }: Policy): Set<Mode> {
  return new Set([...rules, ...lists.map(({ template }) => template)].map(({ mode }) => mode));
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

/** How many questions of exact rules may be under way, and how many of wildcards: half each, where there are both. */
function sharePlaces({ rules, query: { inFlight } }: Policy): [number, number] {
  const written = rules.rules.filter(({ pattern }) => pattern.reach !== "exact").length;
  const wildcards = rules.lists.reduce((sum, { counts }) => sum + counts.wildcards, written);
  if (wildcards === 0 || wildcards === rules.size) return [inFlight, inFlight];
  return [Math.ceil(inFlight / 2), Math.max(1, Math.floor(inFlight / 2))];
}
