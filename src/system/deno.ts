/** The real machine: with the other files named `deno_*.ts`, all that uses `Deno`, timers and the system's random numbers. */

import { getBuiltinModule } from "node:process";
import { clearImmediate, setImmediate } from "node:timers";
import { files, fileWriter, readPieces } from "./deno_files.ts";
import { commands, identity, permissions, unix } from "./deno_host.ts";
import { connectFrom } from "./deno_tcp.ts";
import { terminal } from "./deno_terminal.ts";
import { connectTlsFrom } from "./deno_tls.ts";
import type {
  Clock,
  Network,
  Output,
  Process,
  Random,
  Signal,
  SocketAddress,
  System,
} from "./mod.ts";

/** Timers of the runtime are late by about 2 ms, and by less or more as it is busy. */
const LATENESS = 2.5;

/** How long before an alarm nothing else is done any more, in ms: what one turn of the event loop may take. */
const STANDSTILL = 0.5;

/** Alarms that are waited for from turn to turn. */
let nearAlarms = 0;

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delay: number, callback: () => void): () => void => {
    // What is due by a fraction of a millisecond ago is due now: the runtime would warn of it.
    const timer = setTimeout(callback, Math.max(0, delay));
    return () => clearTimeout(timer);
  },
  setAlarm: (delay: number, callback: () => void): () => void => {
    const end = performance.now() + delay;
    let cancel = clock.setTimer(Math.max(0, delay - Math.min(LATENESS, delay / 4)), () => {
      nearAlarms++;
      let turn = setImmediate(approach);
      cancel = () => {
        clearImmediate(turn);
        nearAlarms--;
      };
      // Clients are served meanwhile: who asks at such a moment must not wait for it to be over.
      function approach(): void {
        if (performance.now() < end - STANDSTILL) return void (turn = setImmediate(approach));
        nearAlarms--;
        cancel = () => {};
        while (performance.now() < end);
        callback();
      }
    });
    return () => cancel();
  },
  get isAlarmNear(): boolean {
    return nearAlarms > 0;
  },
};

/** Random numbers from the system, fetched in batches. */
class SystemRandom implements Random {
  readonly #batch = new Uint16Array(4096);
  #next = this.#batch.length;

  uint16(): number {
    if (this.#next === this.#batch.length) {
      crypto.getRandomValues(this.#batch);
      this.#next = 0;
    }
    return this.#batch[this.#next++]!;
  }

  /** Numbers above the last whole multiple of `bound` are drawn again: a remainder alone would favour the low. */
  below(bound: number): number {
    const ceiling = 0x10000 - (0x10000 % bound);
    let number = this.uint16();
    while (number >= ceiling) number = this.uint16();
    return number % bound;
  }

  /** Nobody can tell the system's random numbers apart, so one source is as good as many. */
  fork(): Random {
    return this;
  }
}

const network: Network = {
  bindUdp: ({ hostname, port }: SocketAddress) =>
    Deno.listenDatagram({ transport: "udp", hostname, port }) as unknown as ReturnType<
      Network["bindUdp"]
    >,
  listenTcp: ({ hostname, port }: SocketAddress) => Deno.listen({ hostname, port }),
  connectTcp: connectFrom,
  connectTls: connectTlsFrom,
  dialTcp: ({ hostname, port }: SocketAddress, signal: AbortSignal) =>
    Deno.connect({ hostname, port, signal }),
  ownAddresses: () => Deno.networkInterfaces().map(({ address }) => address),
};

class StandardStream implements Output {
  readonly isTerminal: boolean;
  readonly #stream: typeof Deno.stdout;

  constructor(stream: typeof Deno.stdout, readonly descriptor: 1 | 2) {
    this.#stream = stream;
    this.isTerminal = stream.isTerminal();
  }

  get identity(): string | undefined {
    try {
      // Loaded when it is first needed: only where systemd names a stream, `run` asks.
      const { dev, ino } = getBuiltinModule("node:fs").fstatSync(this.descriptor);
      return `${dev}:${ino}`;
    } catch {
      return undefined;
    }
  }

  async write(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await this.#stream.write(bytes.subarray(at));
  }
}

function onStrayError(callback: (error: unknown) => void): void {
  addEventListener("error", (event) => {
    event.preventDefault();
    callback(event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    callback(event.reason);
  });
}

/** The machine that this process runs on. */
export function createSystem(): System {
  const process: Process = {
    stdout: new StandardStream(Deno.stdout, 1),
    stderr: new StandardStream(Deno.stderr, 2),
    stdin: readPieces(Deno.stdin),
    noColor: Deno.noColor,
    runtimeVersion: Deno.version.deno,
    pid: Deno.pid,
    memory: () => Deno.memoryUsage().rss,
    terminal,
    environment: (variable) =>
      permissions.holds({ name: "env", variable }) ? Deno.env.get(variable) : undefined,
    onSignal: (signal: Signal, callback: () => void): void =>
      Deno.addSignalListener(signal, callback),
    onStrayError,
  };
  return {
    clock,
    random: new SystemRandom(),
    network,
    files,
    fileWriter,
    unix,
    process,
    identity,
    permissions,
    commands,
  };
}
