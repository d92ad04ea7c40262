/**
 * Questions over TCP and TLS, on connections that are kept open for the next ones (RFC 7766 6.2.1, RFC 7858 3.4).
 *
 * Which port a connection leaves from is our own random choice, as it is over UDP. When one is opened, left alone or
 * closed follows from our own questions and from the upstream, and from nothing else.
 */

import type { PortRange, Upstream } from "../policy/mod.ts";
import type { Network, OutgoingConnection, Random } from "../system/mod.ts";
import { type StreamQuestion, type StreamRead, UpstreamConnection } from "./connection.ts";
import { type Cancel, type Unreachable, unreachable } from "./outcome.ts";
import { FIRST, type Ticks } from "./ticks.ts";

/** How long a connection is kept that nobody waits for, in ms. */
const IDLE_TIME = 10_000;

/**
 * How long to wait after the first connection that has failed, and at most, in ms: each time twice as long. A question
 * that waits for an upstream to be back has a try every 900 ms: much longer, and it would end in the pause.
 */
const [FIRST_PAUSE, LONGEST_PAUSE] = [250, 1000];

/**
 * How often a question is asked anew whose connection has ended for no fault of the upstream. Each time another one
 * has had its answer, or a connection that was open before has ended: a new one that says nothing has no such excuse.
 */
const MOST_AGAIN = 5;

/** Connections to one upstream, where it closes each after a few answers: many servers do so after a single one. */
const MOST_PARALLEL = 4;

/** What connections to upstreams need. */
export interface ConnectionsParts {
  readonly network: Network;
  readonly random: Random;
  readonly ticks: Ticks;
  readonly ports: PortRange;
  /** How long a connection may say nothing before questions go over another one, in ms. */
  readonly patience: number;
}

/** Connections to any upstream. */
export class Connections {
  /** By key. */
  readonly #keepers = new Map<string, Keeper>();
  #isClosed = false;

  constructor(readonly parts: ConnectionsParts) {}

  /**
   * Sends a question: at once where a connection is open, else on a tick after one is. `settle` is called with the
   * message that answers it, or when that has failed, and never before this returns. To be called on a tick.
   */
  ask(
    upstream: Upstream,
    { settle, ...question }: Omit<StreamQuestion, "settle"> & { settle: (read: Settled) => void },
  ): Cancel {
    if (this.#isClosed) return () => {};
    let keeper = this.#keepers.get(upstream.key);
    if (keeper === undefined) {
      keeper = new Keeper(upstream, this.parts);
      this.#keepers.set(upstream.key, keeper);
    }
    const { ticks } = this.parts;
    const chosen = keeper;
    const send = (timesLeft: number): Cancel =>
      chosen.ask({
        ...question,
        settle: (read) => {
          if (read.kind !== "ended") return settle(read);
          if (timesLeft === 0) return settle(CLOSED);
          cancel = ticks.soon(question.order, () => {
            cancel = send(timesLeft - 1);
          });
        },
      });
    let cancel = send(MOST_AGAIN);
    return () => cancel();
  }

  /** Closes every connection. No outcome follows, and no question leaves any more. */
  close(): void {
    this.#isClosed = true;
    for (const keeper of this.#keepers.values()) keeper.close();
  }
}

/** How a question has come out. */
export type Settled = Exclude<StreamRead, { kind: "ended" }>;

const CLOSED = unreachable("connection closed");

/** The connections to one upstream. */
class Keeper {
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

  constructor(readonly upstream: Upstream, readonly parts: ConnectionsParts) {}

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
    const { address, tls } = this.upstream;
    const port = ports.first + random.below(ports.count);
    return tls === undefined
      ? network.connectTcp(address, port)
      : network.connectTls(address, port, tls);
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
