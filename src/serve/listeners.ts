/** The sockets at which clients ask: one of UDP and one of TCP at each address. */

import {
  type DatagramSocket,
  formatAddress,
  type Network,
  type SocketAddress,
  socketAddress,
  type StreamListener,
} from "../system/mod.ts";

/** Serving could not begin, or could not change. `cause` is the system's error. */
export class StartError extends Error {
  override readonly name = "StartError";

  constructor(readonly address: string | undefined, options: { cause: unknown }) {
    super(address === undefined ? "Cannot open sockets" : `Cannot listen on ${address}`, options);
  }
}

/** Both sockets of one address. */
export interface BoundAddress {
  /** As the policy has it; the port may be 0. */
  readonly wanted: SocketAddress;
  /** With the port that the system chose where the policy says 0. */
  readonly address: SocketAddress;
  readonly udp: DatagramSocket;
  readonly tcp: StreamListener;
}

/** Binds all of them, or none. Throws a {@linkcode StartError}. */
export function bindAll(addresses: readonly SocketAddress[], network: Network): BoundAddress[] {
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

/** Gives both sockets back. */
export function closeBoth({ udp, tcp }: BoundAddress): void {
  udp.close();
  tcp.close();
}

/** Another program may hold the UDP port that has the number of a free TCP port: then another one is tried. */
const FREE_PORT_TRIES = 20;

function bindBoth(wanted: SocketAddress, network: Network): BoundAddress {
  const { hostname, port } = wanted;
  for (let left = port === 0 ? FREE_PORT_TRIES : 1;; left--) {
    const tcp = network.listenTcp({ hostname, port });
    try {
      const address = { hostname, port: socketAddress(tcp.addr)?.port ?? port };
      return { wanted, address, tcp, udp: network.bindUdp(address) };
    } catch (error) {
      tcp.close();
      if (left === 1) throw error;
    }
  }
}
