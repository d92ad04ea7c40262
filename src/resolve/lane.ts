/**
 * One way to the upstreams, with everything that one question could make another one wait for: sockets, connections,
 * the upstreams' health, places, random numbers.
 *
 * Hermetic and forward rules have a lane each. So nothing that a client can do to the second changes when, from where
 * or to whom the first asks.
 */

import type { Policy, PortRange, Rule, Upstream } from "../policy/mod.ts";
import type { Clock, Network, Random } from "../system/mod.ts";
import { Connections } from "./connections.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import { type Ask, createFailover } from "./failover.ts";
import { Health } from "./health.ts";
import type { Ticks } from "./ticks.ts";
import { UdpPools } from "./udp.ts";
import type { Counts } from "./upstream_counts.ts";

/** One way to the upstreams. */
export interface Lane {
  readonly ask: Ask;
  /** How many questions to an upstream are under way, our own among them. */
  readonly asking: number;
  readonly random: Random;
  /** One question to one upstream, past all else. */
  readonly exchange: Exchange;
  /** Gives the sockets back. What is under way gets no answer. */
  close(): void;
}

/** What a lane needs. */
export interface LaneParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly ticks: Ticks;
  /** How many sockets it has for each address family. */
  readonly sockets: number;
  /** Where its questions over TCP leave from. */
  readonly tcpPorts: PortRange;
  readonly counts: Counts;
  readonly onReply: (upstream: Upstream) => void;
  readonly onSilent: (upstream: Upstream, problem?: string) => void;
}

const OUTCOME_COUNTS = {
  answer: "answers",
  failure: "failures",
  unreachable: "unreachable",
} as const;

/** Opens the sockets of a lane. Throws where that fails. */
export function openLane(policy: Pick<Policy, "upstreams" | "query">, parts: LaneParts): Lane {
  const { network, random, ticks, onReply } = parts;
  const addresses = policy.upstreams
    .filter(({ transport }) => transport === "udp")
    .map(({ address }) => address);
  const pools = new UdpPools(addresses, parts);
  const { timeout, tries } = policy.query;
  const connections = new Connections({
    network,
    random: random.fork("tcp"),
    ticks,
    ports: parts.tcpPorts,
    patience: timeout,
  });
  const ask = createExchange({ random, ticks, connections, pools, onReply });
  let asking = 0;
  const exchange: Exchange = (question, upstream, order, settle) => {
    const counts = parts.counts.of(upstream);
    let isOver = false;
    const end = (): void => {
      if (!isOver) asking--;
      isOver = true;
    };
    asking++;
    counts.questions++;
    const cancel = ask(question, upstream, order, (outcome) => {
      end();
      counts[OUTCOME_COUNTS[outcome.kind]]++;
      settle(outcome);
    });
    return () => {
      end();
      cancel();
    };
  };
  const health = new Health(exchange, ticks, parts.onSilent);
  return {
    ask: createFailover({ exchange, health, ticks, timeout, tries }),
    get asking(): number {
      return asking;
    },
    random,
    exchange,
    close: () => {
      health.close();
      pools.close();
      connections.close();
    },
  };
}

/** Whether two rules ask the same upstreams, in the same order. */
export function hasSameUpstreams(a: Rule, b: Rule): boolean {
  return a.upstreams.length === b.upstreams.length &&
    a.upstreams.every(({ key }, i) => key === b.upstreams[i]!.key);
}
