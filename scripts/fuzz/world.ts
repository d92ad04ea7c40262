/** The whole firewall in simulated time, with clients whose every reply is kept. */

import type { Event, QueryEvent } from "../../src/observe/event.ts";
import type { SocketAddress } from "../../src/system/mod.ts";
import { settle } from "../../tests/support/fake_clock.ts";
import { LISTEN, type Sight, Simulation } from "../../tests/support/simulation.ts";

/** A reply over UDP, and who got it. */
export interface Reply {
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** A TCP connection of a client, and all that came back on it. */
export interface Connection {
  readonly received: readonly Uint8Array[];
  readonly isClosed: boolean;
  /** Sends bytes; null ends the stream. */
  send(chunk: Uint8Array | null): void;
}

/** Within a tick of 10 ms: nothing of a client comes in at the moment at which questions leave. */
const BETWEEN_TICKS = 5;

/** How long a client waits at most, in ms, and a little more. */
export const LONGEST = 4600;

/** A firewall that has just been started. */
export class World {
  readonly simulation: Simulation;
  #replies: Reply[] = [];

  /** `upstream` puts what answers into the simulation. Throws where the policy is no good. */
  constructor(toml: string, upstream: (simulation: Simulation) => void, seed = 1) {
    this.simulation = new Simulation(toml, upstream, seed);
    const { network } = this.simulation;
    const note = network.onSent;
    network.onSent = (packet) => {
      if (packet.from.port === LISTEN.port) {
        this.#replies.push({ port: packet.to.port, bytes: packet.bytes });
      }
      note(packet);
    };
    this.simulation.start();
  }

  /** Lets the probes of the upstreams pass, and ends between two ticks. */
  async begin(): Promise<void> {
    await this.simulation.clock.advance(1000 + BETWEEN_TICKS);
    this.takeTrace();
    this.takeEvents();
  }

  /**
   * Lets so many packets or pieces of streams, which have just been sent, come in before time goes on: the firewall
   * pauses now and then for no time at all.
   */
  async settle(packets: number): Promise<void> {
    for (let i = 0; i < packets; i += 8) {
      await settle();
      await this.simulation.clock.advance(0);
    }
  }

  /** Moves on by `ms`, a multiple of 10. */
  async advance(ms: number): Promise<void> {
    await this.simulation.clock.advance(ms);
  }

  /** A packet of a client. */
  send(packet: Uint8Array, from: SocketAddress): void {
    this.simulation.send(packet, from);
  }

  /** Connects; the client takes at most `atOnce` bytes in one go. */
  connect(from: SocketAddress, atOnce: number): Connection {
    const stream = this.simulation.network.connectClient(from);
    const connection = {
      received: [] as Uint8Array[],
      isClosed: false,
      send: (chunk: Uint8Array | null) => stream.send(chunk),
    };
    const close = stream.close.bind(stream);
    stream.close = () => {
      connection.isClosed = true;
      close();
    };
    stream.write = (bytes) => {
      if (connection.isClosed) return Promise.reject(new Error("closed"));
      const taken = bytes.slice(0, atOnce);
      connection.received.push(taken);
      return Promise.resolve(taken.length);
    };
    return connection;
  }

  /** Replies since this was called last. */
  takeReplies(): Reply[] {
    const replies = this.#replies;
    this.#replies = [];
    return replies;
  }

  /** What has been seen of it upstream since this was called last. */
  takeTrace(): Sight[] {
    const { network } = this.simulation;
    for (const kept of [network.sent, network.sentOverTcp, network.connections]) kept.length = 0;
    return network.trace.splice(0);
  }

  /** What it has told since this was called last. */
  takeEvents(): Event[] {
    return this.simulation.recorder.events.splice(0);
  }
}

/** The first error that was told; undefined where there is none. */
export function errorIn(events: readonly Event[]): string | undefined {
  const error = events.find((event) => event.event === "error");
  return error?.event === "error" ? error.message : undefined;
}

/** What was told about queries. */
export function queriesIn(events: readonly Event[]): QueryEvent[] {
  return events.filter((event): event is QueryEvent => event.event === "query");
}

/** The ports of clients, one after the other. */
export class ClientPorts {
  #port = 1024;

  /** The next one. */
  next(): number {
    return this.#port = this.#port === 60_000 ? 1024 : this.#port + 1;
  }
}
