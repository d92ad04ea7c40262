/** Sends unlisted names to a port of this host as fast as it can, until it is killed. */

import { query } from "../../tests/support/packets.ts";

const server: Deno.NetAddr = {
  transport: "udp",
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
};
const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
for (let i = 0;; i++) {
  await socket.send(query({ id: i & 0xffff, name: `r${i}.evil.example` }), server).catch(() => {});
}
