/** How systemd is told what the program is doing: its notify protocol (sd_notify(3)). */

import { type Clock, closeQuietly, type System, type UnixDatagramSocket } from "../system/mod.ts";
import { NOTIFY_FOLDER, notifySocketIn } from "./needs.ts";

/** Whoever started the program and wants to know how it is doing; nobody, where it is not systemd. */
export interface Notifier {
  /** The policy is loaded and the sockets are bound, for the first time or after a reload. */
  ready(status: string): void;
  /** A reload has begun; `ready` ends it, whether the new policy was taken or not. */
  reloading(): void;
  /** The end has begun. Resolves when that has been told and the socket given back; never, where systemd hangs. */
  stopping(): Promise<void>;
}

/** What a notifier needs of the machine. */
export type NotifySystem = Pick<System, "clock" | "unix"> & {
  readonly process: Pick<System["process"], "environment" | "pid">;
};

const NOBODY: Notifier = {
  ready: () => {},
  reloading: () => {},
  stopping: () => Promise.resolve(),
};

/**
 * Reads who wants to be told, and binds our own socket: call it as the account that the program goes on as, and while
 * the environment can still be read. Never throws, and what it returns does not either: `warn` is called where
 * nobody can be told, once until it works again.
 */
export function openNotifier(system: NotifySystem, warn: (message: string) => void): Notifier {
  const { environment, pid } = system.process;
  const target = environment("NOTIFY_SOCKET");
  if (target === undefined || target === "") return NOBODY;
  if (!target.startsWith("/")) {
    warn(cannotTell(`NOTIFY_SOCKET=${target} is not a path, and no other kind can be used here`));
    return NOBODY;
  }
  try {
    const socket = system.unix.bindDatagram(ownSocket(environment("RUNTIME_DIRECTORY")));
    const watchdog = watchdogInterval(
      environment("WATCHDOG_USEC"),
      environment("WATCHDOG_PID"),
      pid,
    );
    return new SystemdNotifier(socket, target, system.clock, watchdog, warn);
  } catch (error) {
    warn(cannotTell(error));
    return NOBODY;
  }
}

/** Systemd may name several folders, with colons between. */
function ownSocket(runtimeDirectory: string | undefined): string {
  const [folder] = (runtimeDirectory ?? "").split(":");
  return notifySocketIn(folder || NOTIFY_FOLDER);
}

/** How often the watchdog wants to hear from this process, in ms; undefined: never. */
function watchdogInterval(
  microseconds: string | undefined,
  forPid: string | undefined,
  pid: number,
): number | undefined {
  if (microseconds === undefined || !/^[1-9]\d{0,15}$/.test(microseconds)) return undefined;
  if (forPid !== undefined && forPid !== "" && forPid !== String(pid)) return undefined;
  return Number(microseconds) / 1000;
}

function cannotTell(why: unknown): string {
  const reason = why instanceof Error ? why.message : String(why);
  return `Cannot tell systemd how fw-dns is doing: ${reason}. Use the unit of fw-dns lockdown --to systemd, or one with Type=exec and without WatchdogSec=`;
}

class SystemdNotifier implements Notifier {
  /** Three in each interval: one may be late, and one be lost. */
  static readonly #FEEDS = 3;
  /** The longest delay of a timer, in ms. */
  static readonly #LONGEST = 2 ** 31 - 1;
  #callOff = (): void => {};
  #isFeeding = false;
  #hasFailed = false;
  #waiting = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(
    readonly socket: UnixDatagramSocket,
    readonly target: string,
    readonly clock: Clock,
    readonly watchdog: number | undefined,
    readonly warn: (message: string) => void,
  ) {}

  ready(status: string): void {
    this.#send(`READY=1\nSTATUS=${status.replace(/\p{Cc}/gu, " ")}`);
    if (this.watchdog === undefined || this.#isFeeding) return;
    this.#isFeeding = true;
    this.#feed(Math.min(this.watchdog / SystemdNotifier.#FEEDS, SystemdNotifier.#LONGEST));
  }

  reloading(): void {
    this.#send("RELOADING=1\nSTATUS=Reading the new policy");
  }

  async stopping(): Promise<void> {
    this.#callOff();
    this.#send("STOPPING=1\nSTATUS=Answering what is under way");
    await this.#sent;
    closeQuietly(this.socket);
  }

  /**
   * On a timer of the main loop: where that hangs, nothing is sent, and systemd starts the program anew. Where systemd
   * itself has stopped reading, nothing piles up here.
   */
  #feed(delay: number): void {
    this.#callOff = this.clock.setTimer(delay, () => {
      if (this.#waiting === 0) this.#send("WATCHDOG=1");
      this.#feed(delay);
    });
  }

  /** One after the other: a READY=1 must not overtake the RELOADING=1 before it. */
  #send(text: string): void {
    this.#waiting++;
    this.#sent = this.#sent.then(async () => {
      try {
        await this.socket.send(new TextEncoder().encode(text), this.target);
        this.#hasFailed = false;
      } catch (error) {
        if (!this.#hasFailed) this.warn(cannotTell(error));
        this.#hasFailed = true;
      }
      this.#waiting--;
    });
  }
}
