/** Ports of servers that may have to start again. */

/** Below those that the system hands out: while a server is away, nobody else is to get its port. */
const [FIRST, COUNT] = [20_000, 10_000];

/** A port of an address that is free over UDP and TCP. */
export function freePort(hostname: string): number {
  while (true) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listenDatagram({ transport: "udp", hostname, port }).close();
      Deno.listen({ hostname, port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
