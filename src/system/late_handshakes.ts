/**
 * Sockets whose TLS handshake nobody waits for any more.
 *
 * Deno 2.7 keeps such a socket until the other side ends the handshake, and then for good: nobody has it any more. So
 * it is closed here once that has come, and no more are opened while too many are waited for.
 */

import type { TLSSocket } from "node:tls";

/** At most of one server: with one a second, those of two minutes. */
const MOST = 128;

/** What Deno 2.7 has below a socket; `upgrading` is a promise as long as the handshake goes on. */
interface Handle {
  readonly upgrading?: unknown;
}

/** How many there are of each server, by its address. */
const waiting = new Map<string, number>();

/** Throws where so many handshakes with a server have been left unfinished that more could use up the descriptors. */
export function demandRoom(server: string): void {
  if ((waiting.get(server) ?? 0) < MOST) return;
  throw new Error("Too many TLS handshakes are still unfinished");
}

/** Sees to it that a socket is given back even where it is closed before its handshake with a server has ended. */
export function giveBackLate(socket: TLSSocket, server: string): void {
  const { _handle: handle } = socket as unknown as { readonly _handle?: Handle | null };
  socket.once("close", () => {
    if (!(handle?.upgrading instanceof Promise)) return;
    waiting.set(server, (waiting.get(server) ?? 0) + 1);
    const close = (): void => {
      const left = waiting.get(server)! - 1;
      if (left > 0) waiting.set(server, left);
      else waiting.delete(server);
      closeBelow(handle);
    };
    handle.upgrading.then(close, close);
  });
}

/** Closes what lies below a handle, under whatever symbol. */
function closeBelow(handle: Handle): void {
  for (const symbol of Object.getOwnPropertySymbols(handle)) {
    if (symbol.description !== "kStreamBaseField") continue;
    try {
      (handle as Record<symbol, { close(): void } | undefined>)[symbol]?.close();
    } catch {
      // It has been closed by then.
    }
  }
}
