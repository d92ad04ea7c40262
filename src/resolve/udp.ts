/**
 * Questions over UDP, from a pool of sockets that are opened at start.
 *
 * Which port a question leaves from is our own random choice. The system's choice of a fresh port could be
 * steered by another process on this host that holds all ports but a few.
 */

import {
  anyAddressFor,
  type Clock,
  closeQuietly,
  type DatagramSocket,
  type Network,
  type Random,
  type SocketAddress,
  socketAddress,
} from "../system/mod.ts";
import { messageId, readResponse, type ResponseRead, type SentQuestion } from "../wire/mod.ts";
import { type Cancel, type Unreachable, unreachable } from "./outcome.ts";

/** Larger than any response over UDP may be (1232 bytes): what comes in cut short is malformed. */
const RECEIVE_BYTES = 4096;

/** How long to leave a broken socket alone before it is opened anew, in ms. */
const REOPEN_DELAY = 1000;

/** What came back for a question, or that it could not be sent. */
export type UdpRead = Exclude<ResponseRead, { kind: "ignored" }> | Unreachable;

interface Waiting {
  readonly sent: SentQuestion;
  readonly upstream: SocketAddress;
  readonly settle: (read: UdpRead) => void;
}

interface Member {
  socket: DatagramSocket;
  /** By message ID. */
  readonly waiting: Map<number, Waiting>;
}

/** What a pool needs. */
export interface UdpParts {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  /** How many sockets a pool has, and so how many ports a spoofer has to guess among. */
  readonly sockets: number;
}

/**
 * Sends one packet after the other: the system may take longer for one socket than for another, and would then change
 * the order in which packets leave.
 */
class SendQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Rejects with what `send` rejects with. */
  add(send: () => Promise<unknown>): Promise<unknown> {
    const sent = this.#last.then(send);
    this.#last = sent.catch(() => {});
    return sent;
  }
}

/** A pool for each address family that the upstreams need. */
export class UdpPools {
  readonly #queue = new SendQueue();
  readonly #pools = new Map<"0.0.0.0" | "::", UdpPool>();

  /** Binds the sockets. Throws where one cannot be bound. */
  constructor(upstreams: readonly SocketAddress[], parts: UdpParts) {
    try {
      for (const local of new Set(upstreams.map(({ hostname }) => anyAddressFor(hostname)))) {
        this.#pools.set(local, new UdpPool(local, parts, this.#queue));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Sends the question that `write` makes for a free ID, and settles with the first packet that answers it.
   * Packets that do not are ignored.
   */
  ask(
    upstream: SocketAddress,
    write: (id: number) => SentQuestion,
    settle: (read: UdpRead) => void,
  ): Cancel {
    const pool = this.#pools.get(anyAddressFor(upstream.hostname));
    if (pool === undefined) {
      throw new Error(`Cannot ask ${upstream.hostname}: no socket of its kind`);
    }
    return pool.ask(upstream, write, settle);
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
  }
}

class UdpPool {
  readonly #members: Member[] = [];
  #isClosed = false;

  constructor(
    readonly local: "0.0.0.0" | "::",
    readonly parts: UdpParts,
    readonly queue: SendQueue,
  ) {
    try {
      while (this.#members.length < this.parts.sockets) {
        this.#members.push({ socket: this.#bind(), waiting: new Map() });
      }
    } catch (error) {
      // A few ports would be easy to guess, and no descriptor would be left for clients.
      this.close();
      throw error;
    }
    for (const member of this.#members) void this.#listen(member);
  }

  ask(
    upstream: SocketAddress,
    write: (id: number) => SentQuestion,
    settle: (read: UdpRead) => void,
  ): Cancel {
    const member = this.#members[this.parts.random.below(this.#members.length)]!;
    let id = this.parts.random.uint16();
    while (member.waiting.has(id)) id = this.parts.random.uint16();
    const waiting = { sent: write(id), upstream, settle };
    member.waiting.set(id, waiting);
    void this.#send(member, waiting);
    return () => this.#forget(member, waiting);
  }

  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#members) closeQuietly(socket);
  }

  #bind(): DatagramSocket {
    return this.parts.network.bindUdp({ hostname: this.local, port: 0 });
  }

  async #send(member: Member, waiting: Waiting): Promise<void> {
    const { hostname, port } = waiting.upstream;
    try {
      await this.queue.add(async () => {
        // Who has been called off by now must not leave late.
        if (member.waiting.get(waiting.sent.id) !== waiting) return;
        await member.socket.send(waiting.sent.bytes, { transport: "udp", hostname, port });
      });
    } catch (error) {
      if (this.#forget(member, waiting)) waiting.settle(unreachable(error));
    }
  }

  /** Whether the question was still waiting. */
  #forget(member: Member, waiting: Waiting): boolean {
    if (member.waiting.get(waiting.sent.id) !== waiting) return false;
    return member.waiting.delete(waiting.sent.id);
  }

  async #listen(member: Member): Promise<void> {
    const buffer = new Uint8Array(RECEIVE_BYTES);
    while (!this.#isClosed) {
      try {
        const [packet, from] = await member.socket.receive(buffer);
        this.#take(member, packet, from);
      } catch {
        return this.#reopenLater(member);
      }
    }
  }

  #take(member: Member, packet: Uint8Array, from: unknown): void {
    if (packet.length < 2) return;
    const waiting = member.waiting.get(messageId(packet));
    if (waiting === undefined || !isFrom(from, waiting.upstream)) return;
    const read = readResponse(packet, waiting.sent);
    if (read.kind === "ignored") return;
    this.#forget(member, waiting);
    waiting.settle(read);
  }

  #reopenLater(member: Member): void {
    if (this.#isClosed) return;
    closeQuietly(member.socket);
    this.parts.clock.setTimer(REOPEN_DELAY, () => {
      if (this.#isClosed) return;
      try {
        member.socket = this.#bind();
        void this.#listen(member);
      } catch {
        this.#reopenLater(member);
      }
    });
  }
}

function isFrom(from: unknown, upstream: SocketAddress): boolean {
  const address = socketAddress(from);
  return address?.port === upstream.port && address.hostname === upstream.hostname;
}
