/** Addresses of sockets: as the runtime hands them out, and as people write them. */

/** An IP address in its canonical text form, and a port. */
export interface SocketAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Where a UDP packet goes to or comes from. */
export interface DatagramAddress extends SocketAddress {
  readonly transport: "udp";
}

/**
 * The IP address and port in what the runtime hands out, or undefined for any other kind of address.
 */
export function socketAddress(addr: unknown): SocketAddress | undefined {
  if (typeof addr !== "object" || addr === null) return undefined;
  const { hostname, port } = addr as { hostname?: unknown; port?: unknown };
  if (typeof hostname !== "string" || typeof port !== "number") return undefined;
  return addr as SocketAddress;
}

/** The same for a packet's sender, in the form in which a reply is sent there. */
export function datagramAddress(addr: unknown): DatagramAddress | undefined {
  const address = socketAddress(addr);
  const isUdp = address !== undefined && (address as Partial<DatagramAddress>).transport === "udp";
  return isUdp ? address as DatagramAddress : undefined;
}

/** The address that a socket is bound to which is to send there: any of this host's, of the same family. */
export function anyAddressFor(hostname: string): "0.0.0.0" | "::" {
  return hostname.includes(":") ? "::" : "0.0.0.0";
}

/** An address as people write it: `127.0.0.1:53`, `[::1]:53`. */
export function formatAddress({ hostname, port }: SocketAddress): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
