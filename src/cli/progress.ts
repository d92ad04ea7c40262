/** How far the loading of a policy is, for a person who waits for it. */

import type { ListProgress } from "../policy/mod.ts";
import { type Clock, formatWhole, type Output } from "../system/mod.ts";

/** How long loading may take before anything is shown, and how often that is renewed after it, in ms. */
const [QUIET, EVERY] = [1000, 100];

/** Takes the line back that the cursor is in (ECMA-48 8.3.41, EL). */
const CLEAR = "\r\x1b[K";

/** One line, written anew in its place; nothing at all where no person's terminal is there. */
export class Progress {
  #next: number;
  #isShown = false;

  constructor(readonly clock: Pick<Clock, "monotonic">, readonly output: Output) {
    this.#next = clock.monotonic() + QUIET;
  }

  /** Shows how far it is, where it takes long. */
  async show({ file, lines }: ListProgress): Promise<void> {
    const now = this.clock.monotonic();
    if (!this.output.isTerminal || now < this.#next) return;
    this.#next = now + EVERY;
    this.#isShown = true;
    await this.output.write(`${CLEAR}reading ${file}: ${formatWhole(lines)} lines`);
  }

  /** Takes the line away. */
  async end(): Promise<void> {
    if (!this.#isShown) return;
    this.#isShown = false;
    await this.output.write(CLEAR);
  }
}
