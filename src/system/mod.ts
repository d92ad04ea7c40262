/**
 * What fw-dns needs of the machine, as interfaces.
 *
 * Everything with an effect comes in through here, so that a test can put a fake in its place and a
 * simulated day runs in milliseconds. `system/deno.ts` has the real ones; only `main.ts` imports it.
 */

import type { Commands, Files, FileWriter, Identity, Permissions } from "./host.ts";
import type { DatagramSocket, Network, StreamConnection, StreamListener } from "./network.ts";

export {
  anyAddressFor,
  type DatagramAddress,
  datagramAddress,
  formatAddress,
  type SocketAddress,
  socketAddress,
} from "./addresses.ts";

export { describeBytes, formatBytes, formatSpanIn, formatWhole, many } from "./figures.ts";

export { nodeCrypto } from "./node_crypto.ts";

export type {
  CommandResult,
  Commands,
  FileFacts,
  Files,
  FileWriter,
  Identity,
  Permission,
  Permissions,
} from "./host.ts";

export type {
  DatagramSocket,
  Network,
  OutgoingConnection,
  StreamConnection,
  StreamListener,
  TlsIdentity,
} from "./network.ts";

/** Time, in ms. */
export interface Clock {
  /** Wall-clock time, in ms since 1970: for log lines and `expires`. It may jump. */
  now(): number;
  /** Time since some fixed point, in ms: for TTLs and timeouts. It never goes back. */
  monotonic(): number;
  /** Calls `callback` once, `delay` ms from now. What it returns calls the timer off. */
  setTimer(delay: number, callback: () => void): () => void;
  /**
   * Like `setTimer`, but as exact as can be. For that the process stands still for the last 0.5 ms, and is busy for
   * 2 ms before that, in which `isAlarmNear` holds: what takes long has to be done in pieces of less than 0.5 ms then.
   */
  setAlarm(delay: number, callback: () => void): () => void;
  readonly isAlarmNear: boolean;
}

/** Random numbers that an attacker cannot guess. */
export interface Random {
  /** A number from 0 to 65535. */
  uint16(): number;
  /** A number from 0 to `bound` - 1, all equally likely; `bound` is 1 to 65536. */
  below(bound: number): number;
  /**
   * A source of its own: what is drawn from one does not change what the other gives, and when it was made changes
   * neither. `label` tells it from the others that are made of this one.
   */
  fork(label: string): Random;
}

/** A unix datagram socket, bound to a path. */
export interface UnixDatagramSocket extends Pick<DatagramSocket, "receive" | "close"> {
  /** Sends one packet to the socket at a path. */
  send(packet: Uint8Array, path: string): Promise<number>;
}

/** Sockets of this host that have a path for their address. */
export interface UnixSockets {
  /** Binds a datagram socket; what lay at the path is removed before. Throws the system's error. */
  bindDatagram(path: string): UnixDatagramSocket;
  /** Connects to a stream socket. Rejects with the system's error. */
  connect(path: string): Promise<StreamConnection>;
  /**
   * Binds a stream socket to which those may connect who may write by `mode` (permission bits); what lay at the path
   * is removed before. Throws the system's error.
   */
  listen(path: string, mode: number): StreamListener;
}

/** One of the two streams that people read. */
export interface Output {
  /** Whether a person's terminal is at the other end. */
  readonly isTerminal: boolean;
  /** The device and the inode that it leads to, as in `8:1234`; undefined where the system does not say. */
  readonly identity?: string | undefined;
  /** Writes all of `text`; resolves when the system has taken it. */
  write(text: string): Promise<void>;
}

/** The terminal of whoever has started the program, where there is one. */
export interface Terminal {
  /** How large it is, in characters; undefined where there is none. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
  /** Calls `onKeys` with what is typed, without waiting for the line's end. What it returns ends that. */
  readKeys(onKeys: (keys: string) => void): () => void;
}

/** A signal that ends or informs the program. */
export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The process: its streams, its signals and what it was built from. */
export interface Process {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Standard input, a piece at a time: each is good until the next one is asked for. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Whether `NO_COLOR` was set when the program started. */
  readonly noColor: boolean;
  /** The version of Deno, as in `2.9.6`. */
  readonly runtimeVersion: string;
  /** The number of this process. */
  readonly pid: number;
  /** How much memory it has, in bytes (its resident set). */
  memory(): number;
  readonly terminal: Terminal;
  /** A variable of the environment; undefined where it is not set, or the permissions do not cover it. */
  environment(variable: string): string | undefined;
  /** Calls `callback` each time that the signal comes. */
  onSignal(signal: Signal, callback: () => void): void;
  /** Calls `callback` with any error that nobody has caught, in place of the process's end. */
  onStrayError(callback: (error: unknown) => void): void;
}

/** All of the machine that the program touches. */
export interface System {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly files: Files;
  readonly fileWriter: FileWriter;
  readonly unix: UnixSockets;
  readonly process: Process;
  readonly identity: Identity;
  readonly permissions: Permissions;
  readonly commands: Commands;
}

/** The machine, as far as serving needs it. */
export type ServingSystem = Pick<System, "network" | "clock" | "random">;

/** Whether an error says that another socket of this host has the port: nothing about the other side. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error &&
    (error.name === "AddrInUse" || error.name === "AddrNotAvailable");
}

/** Whether an error of `accept` says only that the other side was gone before its connection was taken. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && GONE.has(error.name);
}

/** Deno asks a connection that it has taken for its address, which one that was reset by then no longer has. */
const GONE: ReadonlySet<string> = new Set([
  "NotConnected",
  "ConnectionAborted",
  "ConnectionReset",
]);

/** An error with where it came from: for a mistake of ours, which someone has to find. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Resolves after `ms` of a clock. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(ms, resolve));
}

/** Closes what may be closed already. */
export function closeQuietly(resource: { close(): void } | undefined): void {
  try {
    resource?.close();
  } catch {
    // It was.
  }
}

/** Writes all of `bytes`, however many calls it takes. */
export async function writeAll(connection: StreamConnection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
