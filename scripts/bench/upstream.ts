/**
 * An upstream that knows every name: 192.0.2.1 for A, nothing for other types. Over UDP and TCP on 127.0.0.1, and
 * over TLS on the same port of 127.0.0.2.
 *
 * Arguments: its port, the TTL of what it says (s), and how long it takes to say it (ms).
 */

import { CERTIFICATES, TLS_HOST } from "./tls.ts";
import { replyTo } from "./upstream_reply.ts";

const [port = 0, ttl = 0, delay = 0] = Deno.args.map(Number);
const address = { hostname: "127.0.0.1", port };

function later(send: () => Promise<unknown>): void {
  const ignore = (): void => {};
  if (delay === 0) void send().catch(ignore);
  else setTimeout(() => void send().catch(ignore), delay);
}

async function serveUdp(socket: Deno.DatagramConn): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (true) {
    const [asked, from] = await socket.receive(buffer);
    const reply = replyTo(asked, ttl);
    if (reply !== undefined) later(() => socket.send(reply, from));
  }
}

async function serveTcp(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65_537);
  let held = 0;
  for (let count; (count = await connection.read(buffer.subarray(held))) !== null;) {
    held += count;
    let at = 0;
    while (held - at >= 2) {
      const end = at + 2 + (buffer[at]! << 8 | buffer[at + 1]!);
      if (end > held) break;
      const reply = replyTo(buffer.subarray(at + 2, end), ttl);
      if (reply === undefined) return;
      const framed = new Uint8Array(2 + reply.length);
      framed.set([reply.length >> 8, reply.length & 0xff]);
      framed.set(reply, 2);
      later(() => connection.write(framed));
      at = end;
    }
    buffer.copyWithin(0, at, held);
    held -= at;
  }
}

const udp = Deno.listenDatagram({ transport: "udp", ...address });
for (let i = 0; i < 4; i++) void serveUdp(udp);

async function accept(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    void serveTcp(connection).catch(() => {}).finally(() => connection.close());
  }
}

const tls = Deno.listenTls({
  hostname: TLS_HOST,
  port,
  cert: Deno.readTextFileSync(`${CERTIFICATES}/good.pem`),
  key: Deno.readTextFileSync(`${CERTIFICATES}/good.key`),
});
await Promise.all([accept(Deno.listen(address)), accept(tls)]);
