/** An upstream on real loopback sockets, over UDP and TCP. */

import { closeQuietly, writeAll } from "../../src/system/mod.ts";
import { frameMessages, readQuery } from "../../src/wire/mod.ts";
import { respond, respondA } from "./upstream_answers.ts";

/** What the upstream sends back: any number of messages. */
export type Script = (asked: Uint8Array) => readonly Uint8Array[];

/** Answers A with 192.0.2.1, AAAA with 2001:db8::1 and everything else with NODATA. */
export function answerPlainly(asked: Uint8Array): Uint8Array[] {
  const read = readQuery(asked);
  if (read.kind === "malformed") return [];
  if (read.type === 1) return [respondA(asked)];
  if (read.type !== 28) return [respond(asked)];
  const address = [0x20, 1, 0x0d, 0xb8, ...new Array(11).fill(0), 1];
  return [respond(asked, { answer: [[0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16, ...address]] })];
}

/** A server that remembers what reached it. The probe for `. NS` is answered, and not remembered. */
export class RealUpstream {
  /** Questions over UDP and TCP, in order. */
  readonly seen: Uint8Array[] = [];
  overUdp: Script = answerPlainly;
  overTcp: Script = answerPlainly;
  readonly #udp: Deno.DatagramConn;
  readonly #tcp: Deno.Listener;
  readonly #connections = new Set<Deno.Conn>();
  readonly #tasks: Promise<void>[] = [];

  constructor(readonly hostname = "127.0.0.1") {
    [this.#tcp, this.#udp] = bindBoth(hostname);
    this.#tasks.push(this.#serveUdp(), this.#serveTcp());
  }

  get port(): number {
    return (this.#tcp.addr as Deno.NetAddr).port;
  }

  /** As a policy writes it. */
  get address(): string {
    return this.hostname.includes(":")
      ? `[${this.hostname}]:${this.port}`
      : `${this.hostname}:${this.port}`;
  }

  /** The names that were asked for, in small letters. */
  get names(): string[] {
    return this.seen.map((asked) => {
      const read = readQuery(asked);
      return read.kind === "query" ? read.name : `malformed: ${read.problem}`;
    });
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    for (const connection of this.#connections) closeQuietly(connection);
    await Promise.all(this.#tasks);
  }

  /** Notes a question; true where it is the probe. */
  #note(asked: Uint8Array): boolean {
    const read = readQuery(asked);
    if (read.kind === "query" && read.name === ".") return true;
    this.seen.push(asked.slice());
    return false;
  }

  async #serveUdp(): Promise<void> {
    const buffer = new Uint8Array(65535);
    try {
      while (true) {
        const [packet, from] = await this.#udp.receive(buffer);
        const asked = packet.slice();
        const replies = this.#note(asked) ? answerPlainly(asked) : this.overUdp(asked);
        for (const reply of replies) await this.#udp.send(reply, from);
      }
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  async #serveTcp(): Promise<void> {
    try {
      for await (const connection of this.#tcp) this.#tasks.push(this.#serveConnection(connection));
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  async #serveConnection(connection: Deno.Conn): Promise<void> {
    this.#connections.add(connection);
    try {
      while (true) {
        const asked = await readMessage(connection);
        if (asked === null) return;
        const replies = this.#note(asked) ? answerPlainly(asked) : this.overTcp(asked);
        for (const reply of replies) await writeAll(connection, frameMessages(reply));
      }
    } catch {
      // The other side is gone.
    } finally {
      closeQuietly(connection);
      this.#connections.delete(connection);
    }
  }
}

/** A free port may be taken over UDP, by a firewall's pool for one: then another is tried. */
function bindBoth(hostname: string): [Deno.Listener, Deno.DatagramConn] {
  while (true) {
    const tcp = Deno.listen({ hostname, port: 0 });
    const { port } = tcp.addr as Deno.NetAddr;
    try {
      return [tcp, Deno.listenDatagram({ transport: "udp", hostname, port })];
    } catch (error) {
      tcp.close();
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** Reads one message from a TCP stream; null at its end. */
export async function readMessage(connection: Deno.Conn): Promise<Uint8Array | null> {
  const length = await readExactly(connection, 2);
  return length && await readExactly(connection, (length[0]! << 8) | length[1]!);
}

async function readExactly(connection: Deno.Conn, count: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await connection.read(bytes.subarray(at));
    if (read === null) return null;
    at += read;
  }
  return bytes;
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
