/** Clients: each query leaves from a socket of its own. */

import { frameMessages } from "../../src/wire/mod.ts";
import type { Sent } from "./plant.ts";
import { sleep } from "../sleep.ts";

/** Where the product under test listens. */
export const PRODUCT = { transport: "udp", hostname: "127.0.0.1", port: 5300 } as const;

/** The ports that the system gives out here; those of the clients lie elsewhere. */
export const SYSTEM_PORTS = { first: 40_000, count: 512 } as const;

const FIRST_CLIENT_PORT = 10_000;
const CLIENT_PORTS = 20_000;

/** Clients whose sockets stay open until `close`. */
export class Clients {
  #next = 0;
  #open: { close(): void }[] = [];

  /** Sends a query; false where its port is not to be had. */
  async send({ bytes, port, isTcp = false }: Sent): Promise<boolean> {
    try {
      if (isTcp) await this.#sendTcp(bytes);
      else await this.open(port).send(bytes, PRODUCT);
      return true;
    } catch {
      return false;
    }
  }

  /** A socket on a port, or on some port. Throws where the port is not to be had. */
  open(port?: number): Deno.DatagramConn {
    if (port !== undefined) return this.#bind(port);
    while (true) {
      try {
        return this.#bind(FIRST_CLIENT_PORT + this.#next++ % CLIENT_PORTS);
      } catch {
        // It is taken: the next one.
      }
    }
  }

  close(): void {
    for (const socket of this.#open) socket.close();
    this.#open = [];
  }

  #bind(port: number): Deno.DatagramConn {
    const { first, count } = SYSTEM_PORTS;
    if (port < 1024 || (port >= first && port < first + count)) throw new Error("not a client's");
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
    this.#open.push(socket);
    return socket;
  }

  async #sendTcp(bytes: Uint8Array): Promise<void> {
    const connection = await Deno.connect({ hostname: PRODUCT.hostname, port: PRODUCT.port });
    this.#open.push(connection);
    await connection.write(frameMessages(bytes));
  }
}

/** Sends one query many times from one socket, as fast as the product reads. */
export async function repeat(bytes: Uint8Array, times: number): Promise<void> {
  const clients = new Clients();
  const socket = clients.open();
  void (async () => {
    const buffer = new Uint8Array(4096);
    while (true) await socket.receive(buffer);
  })().catch(() => {});
  for (let i = 1; i <= times; i++) {
    await socket.send(bytes, PRODUCT);
    if (i % 25 === 0) await sleep(2);
  }
  await sleep(500);
  clients.close();
}

/** Asks until a reply comes, and so waits until the product serves. */
export async function waitUntilServed(bytes: Uint8Array, patience: number): Promise<boolean> {
  const clients = new Clients();
  const socket = clients.open();
  let isServed = false;
  socket.receive(new Uint8Array(4096)).then(() => isServed = true, () => {});
  const end = performance.now() + patience;
  while (!isServed && performance.now() < end) {
    await socket.send(bytes, PRODUCT).catch(() => {});
    await sleep(100);
  }
  clients.close();
  return isServed;
}
