/** The ways in which clients ask: sockets that are kept or made anew, connections with many questions or one. */

import { connect, type Socket } from "node:net";
import { Buffer } from "node:buffer";
import { FrameReader } from "../../src/wire/mod.ts";
import type { Asked } from "./judge.ts";
import { Pending, type Waiting } from "./pending.ts";

/** Where replies go, and what has none. */
export interface Listener {
  /** `waiting` is undefined where the reply is to no question that waits. */
  onReply(waiting: Waiting | undefined, reply: Uint8Array): void;
  /** The connection has ended before the reply was there. */
  onLost(waiting: Waiting): void;
}

/** A client. */
export interface Stub {
  readonly transport: "udp" | "tcp";
  /** Asks; the packet's ID is the stub's to choose. */
  ask(asked: Asked, packet: Uint8Array): void;
  /** Takes back what was asked before that time, in ms since the start, and was not answered. */
  takeOlder(time: number): Waiting[];
  close(): void;
}

/** One socket for all questions. */
export class KeptSocket implements Stub {
  readonly transport = "udp";
  readonly #socket: Deno.DatagramConn;
  readonly #pending: Pending;

  /** `address` is the client's own. */
  constructor(address: string, readonly server: Deno.NetAddr, readonly listener: Listener) {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname: address, port: 0 });
    this.#pending = new Pending((this.#socket.addr as Deno.NetAddr).port);
    void this.#receive().catch(() => {});
  }

  /** How many wait. */
  get waiting(): number {
    return this.#pending.size;
  }

  ask(asked: Asked, packet: Uint8Array): void {
    this.#pending.add(asked, packet);
    void this.#socket.send(packet, this.server).catch(() => {});
  }

  takeOlder(time: number): Waiting[] {
    return this.#pending.takeOlder(time);
  }

  close(): void {
    this.#socket.close();
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(4096);
    while (true) {
      const [reply] = await this.#socket.receive(buffer);
      const waiting = this.#pending.take(reply);
      if (waiting !== "late") this.listener.onReply(waiting, reply);
    }
  }
}

/** A socket for each question, as glibc has it. */
export class FreshSockets implements Stub {
  readonly transport = "udp";
  readonly #sockets = new Set<KeptSocket>();

  constructor(
    readonly address: string,
    readonly server: Deno.NetAddr,
    readonly listener: Listener,
  ) {}

  ask(asked: Asked, packet: Uint8Array): void {
    const socket: KeptSocket = new KeptSocket(this.address, this.server, {
      ...this.listener,
      onReply: (waiting, reply) => {
        this.listener.onReply(waiting, reply);
        this.#closeIdle(socket);
      },
    });
    this.#sockets.add(socket);
    socket.ask(asked, packet);
  }

  takeOlder(time: number): Waiting[] {
    return [...this.#sockets].flatMap((socket) => {
      const older = socket.takeOlder(time);
      this.#closeIdle(socket);
      return older;
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
  }

  #closeIdle(socket: KeptSocket): void {
    if (socket.waiting === 0 && this.#sockets.delete(socket)) socket.close();
  }
}

/** One connection at a time, on which questions follow each other without waiting; a new one after so many. */
export class Connection implements Stub {
  readonly transport = "tcp";
  #open: { readonly socket: Socket; readonly pending: Pending; asked: number } | undefined;
  readonly #ending = new Set<Pending>();

  constructor(
    readonly address: string,
    readonly server: Deno.NetAddr,
    readonly listener: Listener,
    readonly questions: number,
  ) {}

  ask(asked: Asked, packet: Uint8Array): void {
    const open = this.#open ??= this.#connect();
    open.pending.add(asked, packet);
    open.socket.write(Buffer.from([packet.length >> 8, packet.length & 255, ...packet]));
    if (++open.asked < this.questions) return;
    // The end of what we write: the replies are still to come.
    open.socket.end();
    this.#open = undefined;
  }

  takeOlder(time: number): Waiting[] {
    return [...this.#ending].flatMap((pending) => pending.takeOlder(time));
  }

  close(): void {
    this.#open?.socket.destroy();
  }

  #connect() {
    const { hostname: host, port } = this.server;
    const socket = connect({ host, port, localAddress: this.address, allowHalfOpen: true });
    const pending = new Pending(port);
    const frames = new FrameReader();
    const open = { socket, pending, asked: 0 };
    this.#ending.add(pending);
    socket.on("data", (chunk) => {
      for (const reply of frames.push(chunk) ?? []) {
        const waiting = pending.take(reply);
        if (waiting !== "late") this.listener.onReply(waiting, reply);
      }
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ending.delete(pending);
      if (this.#open === open) this.#open = undefined;
      for (const waiting of pending.takeOlder()) this.listener.onLost(waiting);
    });
    return open;
  }
}
