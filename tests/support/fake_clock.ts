/** A clock that stands still until a test moves it. */

import type { Clock } from "../../src/system/mod.ts";

interface FakeTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** Lets everything that waits for no time run: promises, and what follows from them. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** Time as a test tells it. */
export class FakeClock implements Clock {
  #wall = Date.parse("2026-06-01T00:00:00Z");
  #elapsed = 0;
  readonly #timers = new Set<FakeTimer>();

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimer(delay: number, callback: () => void): () => void {
    const timer = { at: this.#elapsed + delay, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  readonly isAlarmNear = false;

  setAlarm(delay: number, callback: () => void): () => void {
    return this.setTimer(delay, callback);
  }

  /** How many timers are under way. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Sets the wall clock, as an operator or NTP would; nothing else moves. */
  setWall(time: number): void {
    this.#wall = time;
  }

  /** Moves on by `ms`, firing each timer at its own time. */
  async advance(ms: number): Promise<void> {
    await this.advanceUntil(ms, () => false);
  }

  /** Moves on until a condition holds, by `ms` at most, firing each timer at its own time. */
  async advanceUntil(ms: number, holds: () => boolean): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    while (!holds()) {
      const next = [...this.#timers].filter((timer) => timer.at <= end)
        .sort((a, b) => a.at - b.at)[0];
      if (next === undefined) return await this.#finish(end);
      this.#timers.delete(next);
      this.#moveTo(Math.max(next.at, this.#elapsed));
      next.callback();
      await settle();
    }
  }

  async #finish(end: number): Promise<void> {
    this.#moveTo(end);
    await settle();
  }

  #moveTo(time: number): void {
    this.#wall += time - this.#elapsed;
    this.#elapsed = time;
  }
}
