/** Queries over TCP (RFC 7766): connections are taken, counted and, when they are too many, let go. */

import type { Observer } from "../observe/event.ts";
import {
  type Clock,
  closeQuietly,
  isGone,
  sleep,
  socketAddress,
  type StreamConnection,
  type StreamListener,
} from "../system/mod.ts";
import { ReplyBuffer } from "../wire/mod.ts";
import type { Handler } from "./handler.ts";
import type { Pauses } from "./pauses.ts";
import { ClientConnection } from "./tcp_connection.ts";
import type { Turns } from "./turns.ts";

/**
 * How long to wait after a connection could not be taken, in ms: where another one makes way, until the system has its
 * descriptor back, and where there is none that could.
 */
const PAUSE = { withRoom: 1, without: 100 } as const;

/** How long nothing is said again of places that are taken, in ms. */
const SILENCE = 60_000;

/**
 * Deno 2.7 gives a closed connection's descriptor back only when a write under way has ended, which a client that
 * does not read can put off. So there may be this many times as many descriptors as connections, and no more.
 */
const DESCRIPTORS_PER_CONNECTION = 16;

/** Taking a connection, and letting another one go for it, is as much work as so many queries. */
const WORK = 40;

/** Who has just connected, or just been answered, is about to ask; who has not for so long (ms) may be done. */
const LONG_IDLE = 1000;

/** What people are told of: places, or descriptors, are used up. */
type Trouble = "full" | "not taken";

/** Limits of TCP. */
export interface TcpLimits {
  /** Open at once, over all listeners. */
  readonly connections: number;
  /** Without progress, in ms. */
  readonly idle: number;
}

/** Serves TCP on any number of listeners, with one limit for all of them. */
export class TcpService {
  readonly #out = new ReplyBuffer();
  readonly #listeners = new Set<StreamListener>();
  /** Those that have been idle longest come first. */
  readonly #connections = new Set<ClientConnection>();
  /** Those whose descriptor is not given back yet. */
  #descriptors = 0;
  #limits: TcpLimits;
  /** When people were last told of each kind of trouble, in ms of the monotonic clock. */
  readonly #told = new Map<Trouble, number>();

  constructor(
    readonly handler: Handler,
    readonly clock: Clock,
    readonly pauses: Pauses,
    readonly turns: Turns,
    limits: TcpLimits,
    readonly observer: Observer,
  ) {
    this.#limits = limits;
  }

  /** Sets other limits, for connections that are still to come. */
  limit(limits: TcpLimits): void {
    this.#limits = limits;
  }

  /** Whether a reply is owed to any client. */
  get isBusy(): boolean {
    return [...this.#connections].some((connection) => !connection.isIdle);
  }

  /** Takes connections from a listener until that is to stop. */
  serve(listener: StreamListener): void {
    this.#listeners.add(listener);
    void this.#accept(listener);
  }

  /** Takes no more connections from a listener, and closes it. Those that it has taken go on. */
  stopAccepting(listener: StreamListener): void {
    if (this.#listeners.delete(listener)) listener.close();
  }

  /** Closes every connection. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  async #accept(listener: StreamListener): Promise<void> {
    while (this.#listeners.has(listener)) {
      try {
        const stream = await listener.accept();
        await this.turns.take(WORK);
        this.#open(stream);
      } catch (error) {
        if (!this.#listeners.has(listener)) return;
        // Who comes and goes at once costs nobody else a connection, or a pause.
        await (isGone(error) ? this.turns.take(WORK) : this.#recover(error as Error));
      }
    }
  }

  /** No more descriptors, say: without this, who holds them idle would keep all others out. */
  async #recover({ message }: Error): Promise<void> {
    const pause = this.#connections.size > 0 ? PAUSE.withRoom : PAUSE.without;
    this.#letOneGo();
    this.#tell(
      "not taken",
      `TCP connections cannot be taken (${message}), so idle ones are \
closed for them. If these are too many open files, let this process open more (LimitNOFILE=), or \
lower listen.tcp_connections`,
    );
    await sleep(this.clock, pause);
  }

  #tell(kind: Trouble, message: string): void {
    const now = this.clock.monotonic();
    if (now < (this.#told.get(kind) ?? -Infinity) + SILENCE) return;
    this.#told.set(kind, now);
    this.observer.report({ event: "warning", message });
  }

  #open(stream: StreamConnection): void {
    const address = socketAddress(stream.remoteAddr)?.hostname;
    const isFull = this.#descriptors >= this.#limits.connections * DESCRIPTORS_PER_CONNECTION;
    if (isFull || address === undefined || !this.handler.admits(address)) {
      return closeQuietly(stream);
    }
    this.#makeRoom();
    const connection = new ClientConnection(stream, {
      handler: this.handler,
      clock: this.clock,
      pauses: this.pauses,
      turns: this.turns,
      out: this.#out,
      client: address,
      idle: this.#limits.idle,
      onUse: (one) => {
        this.#connections.delete(one);
        this.#connections.add(one);
      },
      onEnd: (one) => this.#connections.delete(one),
    });
    this.#connections.add(connection);
    this.#descriptors++;
    void connection.run().finally(() => this.#descriptors--);
  }

  #makeRoom(): void {
    const { connections } = this.#limits;
    if (this.#connections.size < connections) return;
    this.#tell(
      "full",
      `TCP connections make way for new ones (listen.tcp_connections is ${connections})`,
    );
    this.#letOneGo();
  }

  /**
   * One connection of the client that has most of them makes way, if there is any: the one that has been idle longest,
   * if that is long enough to have asked in, or else the busiest.
   */
  #letOneGo(): void {
    if (this.#connections.size === 0) return;
    const ofClient = new Map<string, ClientConnection[]>();
    for (const connection of this.#connections) {
      const known = ofClient.get(connection.client);
      if (known === undefined) ofClient.set(connection.client, [connection]);
      else known.push(connection);
    }
    const most = [...ofClient.values()].reduce((a, b) => b.length > a.length ? b : a);
    const idleSince = this.clock.monotonic() - LONG_IDLE;
    const isLongIdle = (one: ClientConnection): boolean => one.isIdle && one.lastUse <= idleSince;
    const busiest = (): ClientConnection => most.reduce((a, b) => b.underWay > a.underWay ? b : a);
    (most.find(isLongIdle) ?? busiest()).close();
  }
}
