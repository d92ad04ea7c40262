/**
 * The moments at which questions leave.
 *
 * A question that left when a client asked would show the client's clock upstream. So whatever leaves does so on
 * ticks that are counted from the start, and within one tick in an order that the policy sets, not the clients.
 */

import TinyQueue from "tinyqueue";
import type { Clock } from "../system/mod.ts";
import type { Cancel } from "./outcome.ts";

/** Where something stands among those of its tick. */
export interface Order {
  /** The place in the table; what is not in the table comes after it. */
  readonly place: number;
  /** Orders those of one place. */
  readonly key: string;
}

/** Before everything else of a tick. */
export const FIRST: Order = { place: -1, key: "" };

/** What the sum of times may be off by, in ticks. */
const ROUNDING = 1e-6;

/** After everything else of a tick. */
export const LAST: Order = { place: Infinity, key: "" };

interface Task {
  readonly tick: number;
  readonly order: Order;
  /** Keeps tasks of the very same place in the order in which they came. */
  readonly number: number;
  /** Undefined: it was called off. It stays in the list until its tick, but holds nothing for that time. */
  run: (() => void) | undefined;
}

/** A list of tasks by tick, place and key, and one timer for the first of them. */
export class Ticks {
  readonly #origin: number;
  readonly #tasks = new TinyQueue<Task>([], compare);
  #number = 0;
  #armedFor = Infinity;
  #disarm: Cancel = () => {};
  /** The tick of the task that is running. */
  #running: number | undefined;

  /** `length` of a tick is in ms. */
  constructor(readonly clock: Clock, readonly length: number) {
    this.#origin = clock.monotonic();
  }

  /**
   * The time, in ms of the monotonic clock. Within a task it is that of the task's tick, however late the task runs:
   * what is planned from it does not depend on how busy clients keep this process.
   */
  get time(): number {
    return this.#running === undefined ? this.clock.monotonic() : this.#timeOf(this.#running);
  }

  /** When the next tick is, in ms of the monotonic clock. */
  get next(): number {
    return this.#timeOf(this.#tickFrom(0));
  }

  /** Runs a task on the first tick that is still to come and not before `time` (ms of the monotonic clock). */
  at(time: number, order: Order, run: () => void): Cancel {
    return this.#add(this.#tickFrom(time), order, run);
  }

  /** Runs a task on the next tick. */
  soon(order: Order, run: () => void): Cancel {
    return this.at(0, order, run);
  }

  /**
   * Runs a task when `delay` ms have passed without what was waited for. A timeout is believed one tick after it is
   * over: what has come in by then but was not read yet, because the process was busy, is read first.
   */
  afterSilence(delay: number, order: Order, run: () => void): Cancel {
    let cancel = this.at(this.time + delay, order, () => {
      // Not the next tick of the plan, which may be over by now: the sockets have to get their turn.
      cancel = this.#add(this.#current + 1, order, run);
    });
    return () => cancel();
  }

  /** Runs no more tasks. */
  close(): void {
    this.#disarm();
    // Nothing is earlier than this, so no timer is set again.
    this.#armedFor = -Infinity;
  }

  /** The tick that is, or that was last. */
  get #current(): number {
    return Math.floor((this.clock.monotonic() - this.#origin) / this.length + ROUNDING);
  }

  #timeOf(tick: number): number {
    return this.#origin + tick * this.length;
  }

  #tickFrom(time: number): number {
    const tick = Math.ceil((time - this.#origin) / this.length - ROUNDING);
    return Math.max((this.#running ?? this.#current) + 1, tick);
  }

  #add(tick: number, order: Order, run: () => void): Cancel {
    const task: Task = { tick, order, number: this.#number++, run };
    this.#tasks.push(task);
    this.#arm();
    return () => task.run = undefined;
  }

  #arm(): void {
    const first = this.#tasks.peek();
    if (first === undefined || first.tick >= this.#armedFor || this.#running !== undefined) return;
    this.#disarm();
    this.#armedFor = first.tick;
    const delay = this.#timeOf(first.tick) - this.clock.monotonic();
    this.#disarm = this.clock.setAlarm(Math.max(0, delay), () => this.#run());
  }

  #run(): void {
    this.#armedFor = Infinity;
    const current = this.#current;
    try {
      for (let task = this.#tasks.peek(); task !== undefined && task.tick <= current;) {
        this.#tasks.pop();
        this.#running = task.tick;
        task.run?.();
        task = this.#tasks.peek();
      }
    } finally {
      // An error of ours in one task must not keep the others from their turn.
      this.#running = undefined;
      this.#arm();
    }
  }
}

function compare(a: Task, b: Task): number {
  if (a.tick !== b.tick) return a.tick - b.tick;
  return compareOrders(a.order, b.order) || a.number - b.number;
}

/** Less than, equal to or greater than 0, as one comes before, with or after the other within a tick. */
export function compareOrders(a: Order, b: Order): number {
  if (a.place !== b.place) return a.place - b.place;
  return a.key === b.key ? 0 : a.key < b.key ? -1 : 1;
}
