/** All layers of resolution, put together. */

import type { Event, Observer } from "../observe/event.ts";
import { LONGEST_WAIT, type Policy, type Upstream } from "../policy/mod.ts";
import { type Clock, formatAddress, type System } from "../system/mod.ts";
import { AnswerCache } from "./cache.ts";
import { coalesce, limitInFlight } from "./coalesce.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import { createFailover } from "./failover.ts";
import { Health, PROBE } from "./health.ts";
import type { Cancel } from "./outcome.ts";
import type { Resolve } from "./resolution.ts";
import { UdpPools } from "./udp.ts";

/** Resolves allowed questions. */
export interface Resolver {
  readonly resolve: Resolve;
  /** Asks each upstream one question, so that a person learns at once whether they can be reached. */
  probe(): void;
  /** Gives the sockets back. What is under way gets no answer. */
  close(): void;
}

/** Many clients may wait for one question: this many times `in_flight`. */
const WAITING_PER_QUESTION = 32;

/** Opens the sockets towards the upstreams. Throws where that fails. */
export function createResolver(
  policy: Policy,
  { network, clock, random }: Pick<System, "network" | "clock" | "random">,
  observer: Observer,
): Resolver {
  const addresses = policy.upstreams
    .filter(({ transport }) => transport === "udp")
    .map(({ address }) => address);
  const pools = new UdpPools(addresses, { network, clock, random });
  const connected = new Set<Upstream>();
  const onReply = (upstream: Upstream): void => {
    if (connected.has(upstream)) return;
    connected.add(upstream);
    const address = formatAddress(upstream.address);
    observer.report({ event: "upstream", address, name: upstream.name });
  };
  const exchange = createExchange({ network, random, pools, onReply });
  const health = new Health(exchange, clock, (upstream) => {
    // Told again when it answers.
    if (!connected.delete(upstream)) return;
    const message = `Upstream ${formatAddress(upstream.address)} has fallen silent`;
    observer.report({ event: "warning", message });
  });
  const { timeout, tries, inFlight } = policy.query;
  const cache = new AnswerCache(clock);
  const ask = createFailover({ exchange, health, clock, timeout, tries });
  let stopProbe: Cancel = () => {};
  return {
    resolve: cache.serve(
      coalesce(inFlight * WAITING_PER_QUESTION, cache.store(limitInFlight(inFlight, ask))),
    ),
    probe: () => {
      const warn = (problems: ReadonlyMap<Upstream, string>): void => {
        if (connected.size === 0) observer.report(noUpstreamAnswered(policy.upstreams, problems));
      };
      stopProbe = probeUpstreams(policy.upstreams, exchange, clock, warn);
    },
    close: () => {
      stopProbe();
      health.close();
      pools.close();
    },
  };
}

/**
 * Asks each upstream our own question, once. After the longest wait, `done` gets what could not be sent.
 */
function probeUpstreams(
  upstreams: readonly Upstream[],
  exchange: Exchange,
  clock: Clock,
  done: (problems: ReadonlyMap<Upstream, string>) => void,
): Cancel {
  const problems = new Map<Upstream, string>();
  const cancels = upstreams.map((upstream) =>
    exchange(PROBE, upstream, (outcome) => {
      if (outcome.kind === "unreachable") problems.set(upstream, outcome.problem);
    })
  );
  const stop = (): void => cancels.forEach((cancel) => cancel());
  cancels.push(clock.setTimer(LONGEST_WAIT, () => {
    stop();
    done(problems);
  }));
  return stop;
}

function noUpstreamAnswered(
  upstreams: readonly Upstream[],
  problems: ReadonlyMap<Upstream, string>,
): Event {
  const told = upstreams.map((upstream) =>
    `${formatAddress(upstream.address)}: ${problems.get(upstream) ?? "silent"}`
  );
  const message = `No upstream has answered yet (${told.join("; ")}). fw-dns goes on asking; ` +
    "check the addresses, and that this host can reach them";
  return { event: "warning", message };
}
