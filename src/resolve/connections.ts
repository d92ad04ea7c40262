/**
 * Questions over TCP and TLS, on connections that are kept open for the next ones (RFC 7766 6.2.1, RFC 7858 3.4).
 *
 * Which port a connection leaves from is our own random choice, as it is over UDP. When one is opened, left alone or
 * closed follows from our own questions and from the upstream, and from nothing else.
 */

import type { Upstream } from "../policy/mod.ts";
import type { StreamQuestion, StreamRead } from "./connection.ts";
import { Keeper, type KeeperParts } from "./keeper.ts";
import { type Cancel, unreachable } from "./outcome.ts";

/**
 * How often a question is asked anew whose connection has ended for no fault of the upstream. Each time another one
 * has had its answer, or a connection that was open before has ended: a new one that says nothing has no such excuse.
 */
const MOST_AGAIN = 5;

/** Connections to any upstream. */
export class Connections {
  /** By key. */
  readonly #keepers = new Map<string, Keeper>();
  #isClosed = false;

  constructor(readonly parts: KeeperParts) {}

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
