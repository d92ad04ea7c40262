/** The real terminal. */

import type { Terminal } from "./mod.ts";

/** The terminal at standard input and output. */
export const terminal: Terminal = {
  size: () => {
    try {
      return Deno.stdout.isTerminal() ? Deno.consoleSize() : undefined;
    } catch {
      return undefined;
    }
  },
  readKeys: (onKeys) => {
    if (!Deno.stdin.isTerminal()) return () => {};
    // Ctrl-C goes on being a signal.
    Deno.stdin.setRaw(true, { cbreak: true });
    let isOver = false;
    void (async () => {
      const buffer = new Uint8Array(64);
      while (!isOver) {
        const count = await Deno.stdin.read(buffer);
        if (count === null) return;
        if (!isOver) onKeys(new TextDecoder().decode(buffer.subarray(0, count)));
      }
    })();
    return () => {
      isOver = true;
      Deno.stdin.setRaw(false);
    };
  },
};
