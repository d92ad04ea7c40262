/** The whole firewall: sockets towards clients and upstreams, and what connects them. */

import type { Observer } from "../observe/event.ts";
import { LONGEST_WAIT, type Policy } from "../policy/mod.ts";
import { createResolver, type Resolver } from "../resolve/mod.ts";
import { formatAddress, type ServingSystem, sleep, type SocketAddress } from "../system/mod.ts";
import type { Admission } from "./admission.ts";
import { Handler } from "./handler.ts";
import { bindAll, type BoundAddress, closeBoth, StartError } from "./listeners.ts";
import { Pauses } from "./pauses.ts";
import { type TcpLimits, TcpService } from "./tcp.ts";
import { Turns } from "./turns.ts";
import { UdpService } from "./udp.ts";

/** A firewall that is serving. */
export interface Daemon {
  /** Where it listens, with the ports that the system chose where the policy says 0. */
  readonly addresses: readonly SocketAddress[];
  /**
   * Puts another policy into force, from one packet to the next. Nothing that is under way is lost, and all of it is
   * judged by the new policy before it is answered. Throws a {@linkcode StartError} where a socket cannot be had;
   * then nothing has changed.
   */
  reload(policy: Policy): void;
  /** How resolution is doing, for people and monitoring. */
  readonly resolution: Pick<Resolver, "status" | "survey">;
  /** Takes no more queries, answers those under way, then gives every socket back. */
  stop(): Promise<void>;
}

/**
 * Starts to serve a policy, where there is an `admission` by way of it. Throws a {@linkcode StartError} where a socket
 * cannot be had.
 *
 * `onBound` is called once all addresses are bound, and before anything else is opened: a socket is for ever that of
 * the account that has opened it, and a packet filter lets only that of fw-dns out to the upstreams.
 */
export function startDaemon(
  policy: Policy,
  system: ServingSystem,
  observer: Observer,
  admission?: Admission,
  onBound = (): void => {},
): Daemon {
  const bound = bindAll(policy.listen.addresses, system.network);
  onBound();
  const resolver = orClose(bound, () => createResolver(policy, system, observer));
  return new RunningDaemon(policy, bound, resolver, { system, observer, admission });
}

interface DaemonParts {
  readonly system: ServingSystem;
  readonly observer: Observer;
  readonly admission: Admission | undefined;
}

/** Runs what opens further sockets; where that fails, those that are open already are given back. */
function orClose<T>(bound: readonly BoundAddress[], open: () => T): T {
  try {
    return open();
  } catch (cause) {
    bound.forEach(closeBoth);
    throw new StartError(undefined, { cause });
  }
}

interface Place {
  readonly bound: BoundAddress;
  readonly udp: UdpService;
}

class RunningDaemon implements Daemon {
  #places: Place[] = [];
  /** Those whose address is no longer wanted, until nothing is owed there. */
  readonly #retiring = new Set<Promise<void>>();
  readonly #handler: Handler;
  readonly #pauses: Pauses;
  readonly #turns: Turns;
  readonly #tcp: TcpService;
  #policy: Policy;
  #stopping: Promise<void> | undefined;

  constructor(
    policy: Policy,
    bound: readonly BoundAddress[],
    readonly resolver: Resolver,
    readonly parts: DaemonParts,
  ) {
    this.#policy = policy;
    const { system: { clock }, observer, admission } = parts;
    const stale = (): number => this.#policy.cache.stale;
    const resolve = admission?.admitting(resolver.resolve, stale) ?? resolver.resolve;
    this.#handler = new Handler({ policy, resolve, clock, observer });
    this.#pauses = new Pauses(clock, () => resolver.isAsking || clock.isAlarmNear);
    this.#turns = new Turns(clock);
    this.#tcp = new TcpService(
      this.#handler,
      clock,
      this.#pauses,
      this.#turns,
      tcpLimits(policy),
      observer,
    );
    for (const one of bound) this.#serve(one);
    resolver.begin();
  }

  get addresses(): readonly SocketAddress[] {
    return this.#places.map(({ bound }) => bound.address);
  }

  get resolution(): Pick<Resolver, "status" | "survey"> {
    return this.resolver;
  }

  reload(policy: Policy): void {
    const wanted = policy.listen.addresses.map(formatAddress);
    const isWanted = ({ bound }: Place): boolean => wanted.includes(formatAddress(bound.wanted));
    const have = this.#places.map(({ bound }) => formatAddress(bound.wanted));
    const missing = policy.listen.addresses.filter((one) => !have.includes(formatAddress(one)));
    const bound = bindAll(missing, this.parts.system.network);
    orClose(bound, () => this.resolver.reload(policy));
    this.#policy = policy;
    this.#handler.reload(policy);
    this.#tcp.limit(tcpLimits(policy));
    const gone = this.#places.filter((place) => !isWanted(place));
    this.#places = this.#places.filter(isWanted);
    for (const place of gone) {
      this.#retire(place);
      this.#tellGone(place);
    }
    for (const one of bound) this.#serve(one);
  }

  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  #serve(bound: BoundAddress): void {
    const { clock } = this.parts.system;
    this.#places.push({
      bound,
      udp: new UdpService(bound.udp, this.#handler, clock, this.#pauses, this.#turns),
    });
    this.#tcp.serve(bound.tcp);
    this.parts.observer.report({ event: "listen", address: formatAddress(bound.address) });
  }

  /** Takes no more queries at an address; who has asked there is still answered. */
  #retire({ bound, udp }: Place): void {
    const retire = async (): Promise<void> => {
      udp.stopReceiving();
      await drain(this.parts.system.clock, () => udp.isBusy);
      await udp.close();
    };
    this.#tcp.stopAccepting(bound.tcp);
    const retired = retire().finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  #tellGone({ bound: { address } }: Place): void {
    const message = `No longer listening on ${formatAddress(address)}` +
      (address.port < 1024 ? ", which takes a privilege to have back" : "");
    this.parts.observer.report({ event: "warning", message });
  }

  async #stop(): Promise<void> {
    for (const place of this.#places) this.#retire(place);
    await Promise.all([
      ...this.#retiring,
      drain(this.parts.system.clock, () => this.#handler.waiting > 0 || this.#tcp.isBusy),
    ]);
    this.#tcp.close();
    this.resolver.close();
  }
}

function tcpLimits({ listen }: Policy): TcpLimits {
  return { connections: listen.tcpConnections, idle: listen.tcpIdle };
}

const DRAIN_STEP = 20;

/** Waits until nothing is under way, for as long as a query can be. */
async function drain(clock: ServingSystem["clock"], isBusy: () => boolean): Promise<void> {
  const end = clock.monotonic() + LONGEST_WAIT;
  while (isBusy() && clock.monotonic() < end) {
    await sleep(clock, DRAIN_STEP);
  }
}
