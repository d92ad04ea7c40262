/** An upstream over TLS on a real loopback socket, with a certificate of `certificates/`. */

import { closeQuietly, writeAll } from "../../src/system/mod.ts";
import { frameMessages } from "../../src/wire/mod.ts";
import { answerPlainly, readMessage, type Script } from "./real_upstream.ts";

const FOLDER = new URL("./certificates/", import.meta.url);

/** The text of a certificate, or of its key: `good.pem`. */
export function readPem(file: string): string {
  return Deno.readTextFileSync(new URL(file, FOLDER));
}

/** A server that remembers what it was asked, and how many connections came. */
export class TlsUpstream {
  readonly seen: Uint8Array[] = [];
  connections = 0;
  script: Script = answerPlainly;
  readonly #listener: Deno.TlsListener;
  readonly #open = new Set<Deno.TlsConn>();
  readonly #tasks: Promise<void>[] = [];

  /** `certificate` is the name of one of the tests' certificates: `good`. */
  constructor(certificate: string) {
    this.#listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: readPem(`${certificate}.pem`),
      key: readPem(`${certificate}.key`),
    });
    this.#tasks.push(this.#accept());
  }

  /** As a policy writes it. */
  get address(): string {
    return `127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  /** Ends every connection, as a server does that has been idle for long. */
  hangUp(): void {
    for (const connection of this.#open) closeQuietly(connection);
  }

  async close(): Promise<void> {
    this.#listener.close();
    this.hangUp();
    await Promise.all(this.#tasks);
  }

  async #accept(): Promise<void> {
    while (true) {
      try {
        this.#tasks.push(this.#serve(await this.#listener.accept()));
      } catch {
        return;
      }
    }
  }

  async #serve(connection: Deno.TlsConn): Promise<void> {
    this.connections++;
    this.#open.add(connection);
    try {
      for (
        let asked = await readMessage(connection);
        asked;
        asked = await readMessage(connection)
      ) {
        this.seen.push(asked);
        for (const reply of this.script(asked)) await writeAll(connection, frameMessages(reply));
      }
    } catch {
      // The other side is gone, or did not like the certificate.
    } finally {
      closeQuietly(connection);
      this.#open.delete(connection);
    }
  }
}
