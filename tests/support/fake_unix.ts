/** Unix stream sockets in memory. */

import type { StreamConnection, StreamListener, UnixSockets } from "../../src/system/mod.ts";
import { namedError } from "./fake_host.ts";

/** Bytes on their way in one direction. */
class Pipe {
  #chunks: Uint8Array[] = [];
  #isClosed = false;
  #wake = (): void => {};

  write(bytes: Uint8Array): void {
    if (this.#isClosed) throw namedError("BrokenPipe", "Nobody reads this");
    this.#chunks.push(bytes.slice());
    this.#wake();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const [chunk] = this.#chunks;
    if (chunk === undefined) return null;
    const count = Math.min(chunk.length, buffer.length);
    buffer.set(chunk.subarray(0, count));
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
    return count;
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }
}

function pair(): [StreamConnection, StreamConnection] {
  const [there, back] = [new Pipe(), new Pipe()];
  const end = (from: Pipe, to: Pipe): StreamConnection => ({
    remoteAddr: undefined,
    read: (buffer) => from.read(buffer),
    write: (bytes) => {
      try {
        to.write(bytes);
        return Promise.resolve(bytes.length);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    close: () => {
      from.close();
      to.close();
    },
  });
  return [end(back, there), end(there, back)];
}

class FakeListener implements StreamListener {
  readonly addr = undefined;
  readonly #arrived: StreamConnection[] = [];
  readonly #accepted: StreamConnection[] = [];
  #isClosed = false;
  #wake = (): void => {};

  constructor(readonly mode: number) {}

  get isClosed(): boolean {
    return this.#isClosed;
  }

  arrive(connection: StreamConnection): void {
    this.#arrived.push(connection);
    this.#wake();
  }

  async accept(): Promise<StreamConnection> {
    while (this.#arrived.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#isClosed) throw namedError("BadResource", "Closed");
    const connection = this.#arrived.shift()!;
    this.#accepted.push(connection);
    return connection;
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** As when the process ends. */
  kill(): void {
    this.close();
    for (const connection of [...this.#arrived, ...this.#accepted]) connection.close();
  }
}

/** Those who listen, by path. */
export class FakeUnix implements UnixSockets {
  readonly #listeners = new Map<string, FakeListener>();
  /** How often somebody has connected, or tried to. */
  connects = 0;

  bindDatagram(): never {
    throw namedError("NotFound", "No datagrams here");
  }

  listen(path: string, mode: number): StreamListener {
    const listener = new FakeListener(mode);
    this.#listeners.set(path, listener);
    return listener;
  }

  connect(path: string): Promise<StreamConnection> {
    this.connects++;
    const listener = this.#listeners.get(path);
    if (listener === undefined) return Promise.reject(namedError("NotFound", "No such socket"));
    if (listener.isClosed) return Promise.reject(namedError("ConnectionRefused", "Refused"));
    const [ours, theirs] = pair();
    listener.arrive(theirs);
    return Promise.resolve(ours);
  }

  /** The permission bits of a socket. */
  modeOf(path: string): number | undefined {
    return this.#listeners.get(path)?.mode;
  }

  /** Ends who listens at a path, with all connections. */
  kill(path: string): void {
    this.#listeners.get(path)?.kill();
  }
}
