/** What is measured: anything that can be started with a list of names and an upstream. */

import type { Command } from "./room.ts";

/** What a server is to do. */
export interface Task {
  /** For its files. */
  readonly folder: string;
  /** Where it listens, over UDP and TCP, on 127.0.0.1. */
  readonly port: number;
  /** The port of the upstream, there too. */
  readonly upstream: number;
  /** The allowlist, and a file that has it too, with one name a line. */
  readonly names: readonly string[];
  readonly namesFile: string;
}

/** A server under test. */
export interface Product {
  readonly title: string;
  /** A command that prints its version; undefined where Deno's says it. */
  readonly version?: readonly [string, ...string[]];
  /** The configuration, as the document shows it. */
  recipe(task: Task): string;
  /** Writes its files, and says how to start it. */
  prepare(task: Task): Promise<Command>;
  /** It has no answer for what is not listed. */
  readonly isSilent?: boolean;
  /** It sends back what it gets, and knows no names. */
  readonly isEcho?: boolean;
  /** Why it is not tried with a million names. */
  readonly notAMillion?: string;
  /** It speaks UDP only. */
  readonly isUdpOnly?: boolean;
}
