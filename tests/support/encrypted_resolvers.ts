/**
 * A script: on each address that it is given, what the doctor looks for beyond plain DNS. TCP 853 and 443 take
 * connections and say nothing; UDP 853 and 443 answer as any QUIC server does to a version that it does not know.
 */

import { closeQuietly } from "../../src/system/mod.ts";

const PORTS = [853, 443];

for (const hostname of Deno.args) {
  for (const port of PORTS) {
    void accept(Deno.listen({ hostname, port }));
    void negotiate(Deno.listenDatagram({ transport: "udp", hostname, port }));
  }
}
Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));

async function accept(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    void connection.read(new Uint8Array(1)).catch(() => {}).then(() => closeQuietly(connection));
  }
}

/** Version negotiation: the peer's connection IDs, swapped, and the version 1 (RFC 9000 17.2.1). */
async function negotiate(socket: Deno.DatagramConn): Promise<void> {
  for await (const [packet, from] of socket) {
    if (packet.length < 1200 || (packet[0]! & 0x80) === 0) continue;
    const target = packet.subarray(5, 6 + packet[5]!);
    const source = packet.subarray(
      5 + target.length,
      6 + target.length + packet[5 + target.length]!,
    );
    await socket.send(Uint8Array.from([0x80, 0, 0, 0, 0, ...source, ...target, 0, 0, 0, 1]), from);
  }
}
