/** The connections to one upstream: mostly one, which is kept open for the next questions. */

import type { PortRange, Upstream } from "../policy/mod.ts";
import type { Network, OutgoingConnection, Random } from "../system/mod.ts";
import { type StreamQuestion, UpstreamConnection } from "./connection.ts";
import { type Cancel, type Unreachable, unreachable } from "./outcome.ts";
import { FIRST, type Ticks } from "./ticks.ts";

/** How long a connection is kept that nobody waits for, in ms. */
const IDLE_TIME = 10_000;

/**
 * How long to wait after the first connection that has failed, and at most, in ms: each time twice as long. A question
 * that waits for an upstream to be back has a try every 900 ms: much longer, and it would end in the pause.
 */
const [FIRST_PAUSE, LONGEST_PAUSE] = [250, 1000];

/** Connections to one upstream, where it closes each after a few answers: many servers do so after a single one. */
const MOST_PARALLEL = 4;

/** What connections to upstreams need. */
export interface KeeperParts {
  readonly network: Network;
  readonly random: Random;
  readonly ticks: Ticks;
  readonly ports: PortRange;
  /** How long a connection may say nothing before questions go over another one, in ms. */
  readonly patience: number;
}

/** The connections to one upstream. */
export class Keeper {
  /** Those that are open or being opened; questions go over the last one. */
  readonly #connections = new Set<UpstreamConnection>();
  #current: UpstreamConnection | undefined;
  /** How many questions a connection has room for, to go by those that ended with some of them unanswered. */
  #room = Infinity;
  /** Connections that have failed since an answer last came. */
  #failures = 0;
  /** Until when (ms of the monotonic clock) there is no use in trying, and why. */
  #pause: { readonly until: number; readonly reason: Unreachable } | undefined;
  /** When a question was last asked or settled, in ms of the monotonic clock. */
  #lastUse = -Infinity;
  #stopIdleTimer: Cancel | undefined;

  constructor(readonly upstream: Upstream, readonly parts: KeeperParts) {}

  /** Sends a question, or settles it on a later tick. To be called on a tick. */
  ask(question: StreamQuestion): Cancel {
    const connection = this.#find();
    if (connection instanceof UpstreamConnection) {
      const cancel = connection.ask({
        ...question,
        settle: (read) => {
          question.settle(read);
          this.#tidy();
        },
      });
      return () => {
        cancel();
        this.#tidy();
      };
    }
    return this.parts.ticks.soon(question.order, () => question.settle(connection));
  }

  /** Closes all of them, and settles nothing. */
  close(): void {
    this.#stopIdleTimer?.();
    for (const connection of this.#connections) connection.close();
  }

  /** A connection for the next question, or why there is none. */
  #find(): UpstreamConnection | Unreachable {
    const { ticks, patience } = this.parts;
    const open = this.#current?.isStalled(patience) ? undefined : this.#current;
    const hasRoom = open !== undefined && open.load < this.#room;
    if (hasRoom || open !== undefined && this.#connections.size >= MOST_PARALLEL) return open;
    if (this.#pause !== undefined && ticks.time < this.#pause.until) return this.#pause.reason;
    this.#current = undefined;
    try {
      this.#current = this.#connect();
    } catch (error) {
      return this.#fail(unreachable(error));
    }
    this.#tidy();
    return this.#current;
  }

  #connect(): UpstreamConnection {
    const { random, ticks } = this.parts;
    const connection: UpstreamConnection = new UpstreamConnection(() => this.#openStream(), {
      random,
      ticks,
      onHeard: () => {
        this.#failures = 0;
        this.#pause = undefined;
        if (connection.answers > this.#room) this.#room++;
      },
      onEnd: (left, reason) => {
        this.#connections.delete(connection);
        if (this.#current === connection) this.#current = undefined;
        if (reason === undefined) return;
        if (connection.answers === 0) this.#fail(reason);
        else if (left > 0) this.#room = connection.answers;
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  /**
   * The port is drawn once, from all. Where it is taken, that is the end of this try, and it is `isOurs`: to draw
   * until one is free would leave the choice to a neighbour on this host who holds all but one.
   */
  #openStream(): OutgoingConnection {
    const { network, random, ports } = this.parts;
    const { address, transport, tls } = this.upstream;
    const port = ports.first + random.below(ports.count);
    if (transport !== "tls") return network.connectTcp(address, port);
    if (tls === undefined) throw new Error("Cannot ask over TLS: nobody said whom");
    return network.connectTls(address, port, tls);
  }

  /** The next connection has to wait, unless it was this host alone that this one failed for. */
  #fail(reason: Unreachable): Unreachable {
    if (reason.isOurs) return reason;
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures, LONGEST_PAUSE);
    this.#failures++;
    this.#pause = { until: this.parts.ticks.time + pause, reason };
    return reason;
  }

  /** Closes what is of no more use: at once where another one has taken its place, else after a while. */
  #tidy(): void {
    for (const connection of this.#connections) {
      if (connection !== this.#current && connection.load === 0) connection.close();
    }
    this.#lastUse = this.parts.ticks.time;
    this.#stopIdleTimer ??= this.#watchUse();
  }

  /** One timer, whatever the number of questions: it looks whether there were any since. */
  #watchUse(): Cancel {
    const { ticks } = this.parts;
    return ticks.at(this.#lastUse + IDLE_TIME, FIRST, () => {
      this.#stopIdleTimer = undefined;
      if (this.#current === undefined) return;
      if (this.#current.load > 0) this.#lastUse = ticks.time;
      if (ticks.time < this.#lastUse + IDLE_TIME) this.#stopIdleTimer = this.#watchUse();
      else this.#current.close();
    });
  }
}
