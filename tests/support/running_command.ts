/** A process that a test talks with, line by line. */

import assert from "node:assert/strict";

/** How long to wait for what must come, in ms: to end instead of hanging, no more. */
const PATIENCE = 60_000;

/** A command that runs. */
export class RunningCommand {
  /** All that it has printed. */
  text = "";
  readonly #readers: Promise<unknown>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #onText = (): void => {};

  constructor(readonly process: Deno.ChildProcess) {
    this.#readers = Promise.all([this.#read(process.stdout), this.#read(process.stderr)]);
    this.#input = process.stdin.getWriter();
  }

  /** Writes a line to it. */
  async tell(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Writes a line, and returns the next one that it prints. */
  async ask(line: string): Promise<string> {
    const before = this.text.length;
    await this.tell(line);
    await this.#waitUntil(() => this.text.includes("\n", before));
    return this.text.slice(before).split("\n")[0]!;
  }

  /** Waits until it has printed something; fails with all that it printed when it ends before. */
  async waitFor(pattern: RegExp): Promise<void> {
    await this.#waitUntil(() => pattern.test(this.text));
  }

  /** Ends it, where it has not ended by itself; returns its exit code. */
  async stop(signal: Deno.Signal = "SIGKILL"): Promise<number> {
    try {
      this.process.kill(signal);
    } catch {
      // It has ended by itself.
    }
    return await this.end();
  }

  /** Waits for its end; returns its exit code. */
  async end(): Promise<number> {
    const { code } = await this.process.status;
    await this.#readers;
    await this.#input.abort().catch(() => {});
    return code;
  }

  async #waitUntil(isThere: () => boolean): Promise<void> {
    const ended = this.#readers.then(() => true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<true>((resolve) => timer = setTimeout(resolve, PATIENCE, true));
    while (!isThere()) {
      const more = new Promise<false>((resolve) => this.#onText = () => resolve(false));
      if (await Promise.race([more, ended, tooLong])) break;
    }
    clearTimeout(timer);
    assert.ok(isThere(), `it printed: ${this.text}`);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      this.#onText();
    }
  }
}
