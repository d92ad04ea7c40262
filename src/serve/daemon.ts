/** The whole firewall: sockets towards clients and upstreams, and what connects them. */

import type { Observer } from "../observe/event.ts";
import { LONGEST_WAIT, type Policy } from "../policy/mod.ts";
import { createResolver, type Resolver } from "../resolve/mod.ts";
import {
  type DatagramSocket,
  formatAddress,
  type Network,
  type ServingSystem,
  sleep,
  type SocketAddress,
  socketAddress,
  type StreamListener,
} from "../system/mod.ts";
import { Handler } from "./handler.ts";
import { Pauses } from "./pauses.ts";
import { TcpService } from "./tcp.ts";
import { UdpService } from "./udp.ts";

/** A firewall that is serving. */
export interface Daemon {
  /** Where it listens, with the ports that the system chose where the policy says 0. */
  readonly addresses: readonly SocketAddress[];
  /** Takes no more queries, answers those under way, then gives every socket back. */
  stop(): Promise<void>;
}

/** Serving could not begin. `cause` is the system's error. */
export class StartError extends Error {
  override readonly name = "StartError";

  constructor(readonly address: string | undefined, options: { cause: unknown }) {
    super(address === undefined ? "Cannot open sockets" : `Cannot listen on ${address}`, options);
  }
}

/** Starts to serve a policy. Throws a {@linkcode StartError} where a socket cannot be had. */
export function startDaemon(policy: Policy, system: ServingSystem, observer: Observer): Daemon {
  const listeners = bindAll(policy.listen.addresses, system.network);
  let resolver: Resolver;
  try {
    resolver = createResolver(policy, system, observer);
  } catch (cause) {
    listeners.forEach(closeBoth);
    throw new StartError(undefined, { cause });
  }
  const { clock } = system;
  const handler = new Handler({ policy, resolve: resolver.resolve, clock, observer });
  const pauses = new Pauses(clock, () => resolver.isAsking);
  const tcp = new TcpService(handler, clock, pauses, {
    connections: policy.listen.tcpConnections,
    idle: policy.listen.tcpIdle,
  });
  const udp = listeners.map((listener) => new UdpService(listener.udp, handler, clock, pauses));
  for (const listener of listeners) {
    tcp.serve(listener.tcp);
    observer.report({ event: "listen", address: formatAddress(listener.address) });
  }
  resolver.begin();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    tcp.stopAccepting();
    udp.forEach((service) => service.stopReceiving());
    await drain(clock, () => handler.waiting > 0 || [tcp, ...udp].some((one) => one.isBusy));
    tcp.close();
    resolver.close();
    await Promise.all(udp.map((service) => service.close()));
  };
  return {
    addresses: listeners.map(({ address }) => address),
    stop: () => stopping ??= stop(),
  };
}

interface BoundAddress {
  readonly address: SocketAddress;
  readonly udp: DatagramSocket;
  readonly tcp: StreamListener;
}

function bindAll(addresses: readonly SocketAddress[], network: Network): BoundAddress[] {
  const bound: BoundAddress[] = [];
  for (const address of addresses) {
    try {
      bound.push(bindBoth(address, network));
    } catch (cause) {
      bound.forEach(closeBoth);
      throw new StartError(formatAddress(address), { cause });
    }
  }
  return bound;
}

/** Another program may hold the UDP port that has the number of a free TCP port: then another one is tried. */
const FREE_PORT_TRIES = 20;

function bindBoth({ hostname, port }: SocketAddress, network: Network): BoundAddress {
  for (let left = port === 0 ? FREE_PORT_TRIES : 1;; left--) {
    const tcp = network.listenTcp({ hostname, port });
    try {
      const address = { hostname, port: socketAddress(tcp.addr)?.port ?? port };
      return { address, tcp, udp: network.bindUdp(address) };
    } catch (error) {
      tcp.close();
      if (left === 1) throw error;
    }
  }
}

function closeBoth({ udp, tcp }: BoundAddress): void {
  udp.close();
  tcp.close();
}

const DRAIN_STEP = 20;

/** Waits until nothing is under way, for as long as a query can be. */
async function drain(clock: ServingSystem["clock"], isBusy: () => boolean): Promise<void> {
  const end = clock.monotonic() + LONGEST_WAIT;
  while (isBusy() && clock.monotonic() < end) {
    await sleep(clock, DRAIN_STEP);
  }
}
