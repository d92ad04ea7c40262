/** Questions that wait for their replies, by their ID. */

import type { Asked } from "./judge.ts";

/** A question that waits. */
export interface Waiting {
  readonly asked: Asked;
  readonly packet: Uint8Array;
}

/** The questions of one socket or connection. */
export class Pending {
  readonly #byId = new Map<number, Waiting>();
  /** The IDs of those that wait no more and were not answered. */
  readonly #givenUp = new Set<number>();
  #lastId: number;

  constructor(firstId: number) {
    this.#lastId = firstId;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Gives a question an ID that no other one has, and keeps it. */
  add(asked: Asked, packet: Uint8Array): void {
    do this.#lastId = (this.#lastId + 7919) & 0xffff; while (this.#byId.has(this.#lastId));
    packet[0] = this.#lastId >> 8;
    packet[1] = this.#lastId & 0xff;
    this.#givenUp.delete(this.#lastId);
    this.#byId.set(this.#lastId, { asked, packet });
  }

  /**
   * The question that a reply is to, which waits no more; `late` where it was given up, and has been judged as that;
   * undefined where there is none.
   */
  take(reply: Uint8Array): Waiting | "late" | undefined {
    const id = reply.length < 2 ? -1 : reply[0]! << 8 | reply[1]!;
    if (this.#givenUp.delete(id)) return "late";
    const waiting = this.#byId.get(id);
    this.#byId.delete(id);
    return waiting;
  }

  /** Those that were asked before that time, or all; they wait no more. */
  takeOlder(time = Infinity): Waiting[] {
    const older: Waiting[] = [];
    for (const [id, waiting] of this.#byId) {
      if (waiting.asked.at >= time) break;
      this.#byId.delete(id);
      this.#givenUp.add(id);
      older.push(waiting);
    }
    return older;
  }
}
