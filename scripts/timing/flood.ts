/** Hostile clients that keep the program as busy as they can. Argument: the names that they ask for. */

import { HostileClients } from "../../tests/support/hostile_clients.ts";
import { query } from "../../tests/support/packets.ts";
import { sleep } from "../sleep.ts";

const names = Deno.args;
const server = { transport: "udp", hostname: "127.0.0.1", port: 5300 } as const;
const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 30_001 });
// Only for its packets: they are sent from here.
const clients = new HostileClients(undefined as never, names, Deno.pid);

void (async () => {
  const buffer = new Uint8Array(4096);
  while (true) await socket.receive(buffer);
})();

async function playTcp(): Promise<void> {
  while (true) {
    try {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: 5300 });
      const packet = clients.packet(names[0]!);
      await connection.write(Uint8Array.from([0, packet.length, ...packet]));
      await connection.read(new Uint8Array(512));
    } catch {
      await sleep(10);
    }
  }
}

void playTcp();
for (let i = 0;; i++) {
  const packet = i % 3 === 0
    ? query({ name: `x${i}.evil.test` })
    : clients.packet(names[i % names.length]!);
  await socket.send(packet, server).catch(() => {});
}
