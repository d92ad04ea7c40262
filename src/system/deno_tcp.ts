/** TCP connections that leave from a port of the caller's choice. `Deno.connect` takes none; `node:net` does. */

import { Socket } from "node:net";
import { permissions } from "./deno_host.ts";
import {
  anyAddressFor,
  formatAddress,
  type OutgoingConnection,
  type SocketAddress,
} from "./mod.ts";

/** What an error is called where Deno makes it: shorter in a log than node's codes, and the same in every version. */
const NAMES: Readonly<Record<string, string>> = {
  EADDRINUSE: "AddrInUse",
  EADDRNOTAVAIL: "AddrNotAvailable",
  // What Deno 2.9 makes of EADDRNOTAVAIL: the port has a connection to the same upstream already.
  EINVAL: "AddrNotAvailable",
  ECONNREFUSED: "ConnectionRefused",
  ECONNRESET: "ConnectionReset",
  EHOSTUNREACH: "HostUnreachable",
  ENETUNREACH: "NetworkUnreachable",
  EPIPE: "BrokenPipe",
  ETIMEDOUT: "TimedOut",
};

/**
 * Starts to connect from `localPort`. The connection can be used and closed at once: what is written waits until
 * it is open, and both `write` and `read` reject where it cannot be. Throws where binding the port is not permitted.
 */
export function connectFrom(remote: SocketAddress, localPort: number): OutgoingConnection {
  return new NodeConnection(remote, openFrom(remote, localPort), { event: "connect" });
}

/** A socket that starts to connect from `localPort`. Throws where binding the port is not permitted. */
export function openFrom({ hostname, port }: SocketAddress, localPort: number): Socket {
  const local = anyAddressFor(hostname);
  demandNet(formatAddress({ hostname: local, port: localPort }));
  // The other side's end is told by `read`, and closing is the caller's.
  const socket = new Socket({ allowHalfOpen: true });
  return socket.connect({ host: hostname, port, localPort, family: local === "::" ? 6 : 4 });
}

/** Throws where an address is not permitted: `node:net` would in a later turn, where nobody can catch it. */
export function demandNet(host: string): void {
  if (permissions.holds({ name: "net", host })) return;
  throw new Deno.errors.NotCapable(`Requires net access to "${host}"`);
}

/** When a connection is open. */
export interface Opening {
  /** What its socket calls that. */
  readonly event: "connect" | "secureConnect";
  /** Called then: what is wrong with the other side, if anything; `unknown` where an error is to follow that tells. */
  readonly check?: (socket: Socket) => Error | "unknown" | undefined;
  /** Says an error in better words, where there are any. */
  readonly explain?: (error: Error) => Error | undefined;
}

/** Makes a socket that goes over one that is connected; the two are closed together. */
export type Upgrade = (below: Socket) => Socket;

/** A connection on one of Node's sockets. */
export class NodeConnection implements OutgoingConnection {
  /** What is read and written; undefined until what it goes over is connected. */
  #socket: Socket | undefined;
  #below: Socket | undefined;
  /** What has come to pass, and is what every further call hears. */
  #failure: Error | undefined;
  #isOpen = false;
  #hasEnded = false;
  /** Those who wait for any of these to change. */
  #waiting: (() => void)[] = [];

  /** `socket` is connecting; where there is an `upgrade`, it is what that goes over. */
  constructor(
    readonly remoteAddr: SocketAddress,
    socket: Socket,
    readonly opening: Opening,
    upgrade?: Upgrade,
  ) {
    if (upgrade === undefined) this.#use(socket);
    else this.#useLater(socket, upgrade);
  }

  /** When the one below is connected: Deno 2.9 never frees what was to go over one that could not be. */
  #useLater(below: Socket, upgrade: Upgrade): void {
    this.#below = below;
    below.on("error", (error) => this.#fail(named(error)));
    below.on("close", () => {
      if (this.#socket === undefined) this.#fail(closed());
    });
    below.once("connect", () => this.#upgrade(below, upgrade));
  }

  #upgrade(below: Socket, upgrade: Upgrade): void {
    if (this.#failure !== undefined) return;
    try {
      this.#use(upgrade(below));
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #use(socket: Socket): void {
    const { event, check, explain } = this.opening;
    const tell = (error: Error): Error => explain?.(error) ?? named(error);
    this.#socket = socket;
    socket.on(event, () => {
      const fault = check?.(socket);
      if (fault === "unknown") return;
      if (fault !== undefined) this.#end(fault);
      else this.#change(() => this.#isOpen = true);
    });
    // With this listener the socket reads no more than it has room for.
    socket.on("readable", () => this.#change());
    socket.on("end", () => this.#change(() => this.#hasEnded = true));
    socket.on("error", (error) => this.#fail(tell(error)));
    // Deno 2.7 tells of the end before it tells why.
    socket.on("close", () => this.#fail(socket.errored ? tell(socket.errored) : closed()));
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (true) {
      if (this.#failure !== undefined) throw this.#failure;
      const chunk = this.#take(buffer.length);
      if (chunk !== null) {
        buffer.set(chunk);
        return chunk.length;
      }
      if (this.#hasEnded) return null;
      await this.#next();
    }
  }

  #take(most: number): Uint8Array | null {
    const socket = this.#socket;
    return socket === undefined ? null : socket.read(Math.min(most, socket.readableLength));
  }

  async open(): Promise<void> {
    while (!this.#isOpen && this.#failure === undefined) await this.#next();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async write(bytes: Uint8Array): Promise<number> {
    // Written before, it would never be heard of again in Deno 2.7 where connecting fails.
    await this.open();
    // Nothing is not handed on: in Deno 2.7 what is written after it would wait for half a minute.
    let isWritten = bytes.length === 0;
    if (this.#failure === undefined && !isWritten) {
      this.#socket!.write(bytes, (error) => {
        if (!error) this.#change(() => isWritten = true);
      });
    }
    while (!isWritten && this.#failure === undefined) await this.#next();
    if (this.#failure !== undefined) throw this.#failure;
    return bytes.length;
  }

  close(): void {
    this.#end(closed());
  }

  #end(failure: Error): void {
    this.#socket?.destroy();
    this.#below?.destroy();
    this.#fail(failure);
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #fail(error: Error): void {
    this.#change(() => this.#failure ??= error);
  }

  #change(change = (): void => {}): void {
    change();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function closed(): Error {
  return new Deno.errors.BadResource("The connection is closed");
}

/** Node's error by Deno's name, without our own address. */
function named(error: Error): Error {
  const code = (error as { code?: unknown }).code;
  const name = typeof code === "string" ? NAMES[code] : undefined;
  if (name === undefined) return error;
  const result = new Error(error.message.replace(/ - Local \(.*\)$/, ""), { cause: error });
  result.name = name;
  return result;
}
