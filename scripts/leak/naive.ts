/**
 * The control: a forwarder that looks at the first name alone and copies the client's message on, as fw-dns did once.
 * A measurement that finds nothing here is broken.
 */

import { PRODUCT } from "./clients.ts";
import { UPSTREAM } from "./upstream.ts";

const clients = new Map<number, Deno.Addr>();
const listener = Deno.listenDatagram(PRODUCT);
const outside = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });

/** Whether a name under `example.com` is asked for. */
function isAllowed(bytes: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(bytes.subarray(12));
  return /.example.com\0/is.test(text);
}

async function forward(): Promise<void> {
  while (true) {
    const [bytes, from] = await listener.receive(new Uint8Array(65_535));
    if (bytes.length < 12 || !isAllowed(bytes)) continue;
    clients.set(bytes[0]! << 8 | bytes[1]!, from);
    await outside.send(bytes, { transport: "udp", ...UPSTREAM }).catch(() => {});
  }
}

async function goBack(): Promise<void> {
  while (true) {
    const [bytes] = await outside.receive(new Uint8Array(65_535));
    const client = clients.get(bytes[0]! << 8 | bytes[1]!);
    if (client !== undefined) await listener.send(bytes, client).catch(() => {});
  }
}

async function forwardTcp(): Promise<void> {
  for await (const client of Deno.listen({ hostname: PRODUCT.hostname, port: PRODUCT.port })) {
    void (async () => {
      const upstream = await Deno.connect(UPSTREAM);
      await Promise.all([
        client.readable.pipeTo(upstream.writable),
        upstream.readable.pipeTo(client.writable),
      ]);
    })().catch(() => {});
  }
}

await Promise.all([forward(), goBack(), forwardTcp()]);
