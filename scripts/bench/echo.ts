/**
 * What the runtime does by itself: Deno sends back what comes, over UDP and TCP, and does nothing else. It has four
 * receive loops, as one would write it. Argument: its port on 127.0.0.1.
 */

const address = { hostname: "127.0.0.1", port: Number(Deno.args[0]) };
const LOOPS = 4;

async function echo(socket: Deno.DatagramConn): Promise<void> {
  const buffer = new Uint8Array(65_535);
  while (true) {
    const [packet, from] = await socket.receive(buffer);
    await socket.send(packet, from).catch(() => {});
  }
}

const udp = Deno.listenDatagram({ transport: "udp", ...address });
for (let i = 0; i < LOOPS; i++) void echo(udp);
for await (const connection of Deno.listen(address)) {
  void connection.readable.pipeTo(connection.writable).catch(() => {});
}
