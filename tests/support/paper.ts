/** Where a log of a test is written. */

import type { Output } from "../../src/system/mod.ts";

/** A stream that keeps what is written; a test may make it stall. */
export class Paper implements Output {
  readonly isTerminal = false;
  text = "";
  /** While it is pending, nothing is taken. */
  stall: Promise<void> | undefined;

  async write(text: string): Promise<void> {
    await this.stall;
    this.text += text;
  }

  /** Whole lines, without their ends. */
  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}
