/** Sends back what comes, over UDP and TCP, on each of some ports (second argument) of some addresses (first). */

const [addresses = "", ports = ""] = Deno.args;

async function echoTcp(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    void connection.readable.pipeTo(connection.writable).catch(() => {});
  }
}

async function echoUdp(socket: Deno.DatagramConn): Promise<void> {
  for (;;) {
    const [packet, from] = await socket.receive();
    await socket.send(packet, from).catch(() => {});
  }
}

for (const hostname of addresses.split(",")) {
  for (const port of ports.split(",").map(Number)) {
    void echoTcp(Deno.listen({ hostname, port }));
    void echoUdp(Deno.listenDatagram({ transport: "udp", hostname, port }));
  }
}
// deno-lint-ignore no-console
console.log("ready");
