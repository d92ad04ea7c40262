/** The command line in memory: files, streams and signals as a test sets them. */

import { main } from "../../src/cli/mod.ts";
// In simulated time nobody waits for files: these verbs have been read by then.
import "../../src/cli/doctor.ts";
import "../../src/cli/run.ts";
import { loadDomains } from "../../src/cli/public_suffixes.ts";
import type {
  Commands,
  Network,
  Output,
  Process,
  Signal,
  System,
  UnixSockets,
} from "../../src/system/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import {
  FakeFiles,
  FakeFileWriter,
  FakeIdentity,
  FakePermissions,
  namedError,
} from "./fake_host.ts";
import { FakeNetwork } from "./fake_network.ts";
import { SeededRandom } from "./seeded_random.ts";

// So has the list of public suffixes.
await loadDomains();

class Buffer implements Output {
  text = "";

  constructor(readonly isTerminal: boolean) {}

  write(text: string): Promise<void> {
    this.text += text;
    return Promise.resolve();
  }
}

/** What a run of the program left. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A machine on which the program can be run. */
export class FakeMachine implements System {
  readonly random: SeededRandom;
  readonly files: FakeFiles;
  readonly fileWriter: FakeFileWriter;
  readonly identity = new FakeIdentity();
  readonly permissions = new FakePermissions();
  unix: UnixSockets = {
    bindDatagram: () => {
      throw namedError("NotFound", "No such folder");
    },
    connect: () => Promise.reject(namedError("NotFound", "No such socket")),
    listen: () => {
      throw namedError("NotFound", "No such folder");
    },
  };
  commands: Commands = {
    run: () => Promise.reject(namedError("NotFound", "No such program")),
  };
  /** The environment. */
  readonly variables: Record<string, string> = {};
  readonly process: Process & { stdout: Buffer; stderr: Buffer };
  /** How large the terminal is. */
  size: { readonly columns: number; readonly rows: number } | undefined;
  /** Types keys, where the program reads them. */
  type: ((keys: string) => void) | undefined;
  /** What standard input holds. */
  input = "";
  /** Hands the program an error that nobody has caught. */
  strayError: (error: unknown) => void = () => {};
  readonly #handlers = new Map<Signal, () => void>();

  constructor(
    files: Readonly<Record<string, string | Error>> = {},
    readonly network: Network = new FakeNetwork(),
    isTerminal = false,
    readonly clock = new FakeClock(),
    seed = 1,
  ) {
    this.random = new SeededRandom(seed);
    this.files = new FakeFiles({ ...files });
    this.fileWriter = new FakeFileWriter(this.files);
    this.process = {
      stdout: new Buffer(isTerminal),
      stderr: new Buffer(isTerminal),
      stdin: piecesOf(() => this.input),
      noColor: false,
      runtimeVersion: "2.9.6",
      pid: 4711,
      memory: () => 71_000_000,
      terminal: {
        size: () => this.size,
        readKeys: (onKeys) => {
          this.type = onKeys;
          return () => this.type = undefined;
        },
      },
      environment: (variable) => this.variables[variable],
      onSignal: (signal, callback) => void this.#handlers.set(signal, callback),
      onStrayError: (callback) => this.strayError = callback,
    };
  }

  /** Sends a signal, as `kill` does. */
  signal(signal: Signal): void {
    this.#handlers.get(signal)?.();
  }

  /** Runs the program to its end. */
  async run(...args: string[]): Promise<Ran> {
    const code = await main(args, this);
    return { code, out: this.process.stdout.text, err: this.process.stderr.text };
  }
}

function piecesOf(text: () => string): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(new TextEncoder().encode(text()));
    },
  };
}

export { namedError };
