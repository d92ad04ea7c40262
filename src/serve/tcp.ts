/** Queries over TCP (RFC 7766): connections are taken, counted and, when they are too many, let go. */

import {
  type Clock,
  closeQuietly,
  sleep,
  socketAddress,
  type StreamConnection,
  type StreamListener,
} from "../system/mod.ts";
import type { Handler } from "./handler.ts";
import type { Pauses } from "./pauses.ts";
import { ClientConnection } from "./tcp_connection.ts";

/** How long to wait after a connection could not be taken (no more descriptors, say), in ms. */
const PAUSE = 100;

/**
 * Deno 2.7 gives a closed connection's descriptor back only when a write under way has ended, which a client that
 * does not read can put off. So there may be this many times as many descriptors as connections, and no more.
 */
const DESCRIPTORS_PER_CONNECTION = 16;

/** Limits of TCP. */
export interface TcpLimits {
  /** Open at once, over all listeners. */
  readonly connections: number;
  /** Without progress, in ms. */
  readonly idle: number;
}

/** Serves TCP on any number of listeners, with one limit for all of them. */
export class TcpService {
  readonly #listeners = new Set<StreamListener>();
  /** Those that have been idle longest come first. */
  readonly #connections = new Set<ClientConnection>();
  /** Those whose descriptor is not given back yet. */
  #descriptors = 0;
  #limits: TcpLimits;

  constructor(
    readonly handler: Handler,
    readonly clock: Clock,
    readonly pauses: Pauses,
    limits: TcpLimits,
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
        this.#open(await listener.accept());
      } catch {
        if (!this.#listeners.has(listener)) return;
        await sleep(this.clock, PAUSE);
      }
    }
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

  /**
   * Where all places are taken, one of the client that has most of them makes way: the one that has been idle
   * longest, or else the busiest.
   */
  #makeRoom(): void {
    if (this.#connections.size < this.#limits.connections) return;
    const ofClient = new Map<string, ClientConnection[]>();
    for (const connection of this.#connections) {
      const known = ofClient.get(connection.address);
      if (known === undefined) ofClient.set(connection.address, [connection]);
      else known.push(connection);
    }
    const most = [...ofClient.values()].reduce((a, b) => b.length > a.length ? b : a);
    const busiest = (): ClientConnection => most.reduce((a, b) => b.underWay > a.underWay ? b : a);
    (most.find((connection) => connection.isIdle) ?? busiest()).close();
  }
}
