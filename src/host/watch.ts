/**
 * Tells when the content of a file has changed.
 *
 * Editors rename a new file over the old one, configuration managers swap a symbolic link somewhere on the way to it,
 * and some file systems report nothing. So what the folder reports is a hint that makes it quick, and what decides is
 * the content, which is also read again every few seconds.
 */

import { dirname } from "node:path";
import type { Clock, Files } from "../system/mod.ts";
import { sameBytes } from "../wire/mod.ts";

/** How long nothing may have happened in the folder before the file is read, in ms: writers take several steps. */
const QUIET = 200;

/** How often the file is read when nothing is reported, in ms. */
const EVERY = 5000;

/** What watching needs. */
export interface WatchParts {
  readonly clock: Clock;
  readonly files: Files;
}

/**
 * Calls `onChange` each time that a file has another content than before, which was `known` at first, until what it
 * returns is called. That a file is missing is no change; that it may not be read any more is told once, so that whoever
 * loads it says so.
 */
export function watchFile(
  parts: WatchParts,
  file: string,
  known: Uint8Array,
  onChange: () => void,
): () => void {
  const watch = new FileWatch(parts, file, known, onChange);
  void watch.look();
  return () => watch.close();
}

class FileWatch {
  #known: Uint8Array;
  #isClosed = false;
  #isLooking = false;
  /** Whether the file was there, and could not be read, when it was last looked at. */
  #isUnreadable = false;
  /** Whether something has been reported since the file was last read. */
  #isHinted = false;
  #stopTimer = (): void => {};
  #stopHints = (): void => {};
  /** The folder that hints come from, without symbolic links. */
  #folder: string | undefined;

  constructor(
    readonly parts: WatchParts,
    readonly file: string,
    known: Uint8Array,
    readonly onChange: () => void,
  ) {
    this.#known = known;
  }

  /** Reads the file, and tells if it has changed; then waits for the next time. */
  async look(): Promise<void> {
    this.#isLooking = true;
    this.#isHinted = false;
    try {
      await this.#followFolder();
      const content = await this.parts.files.read(this.file);
      const hasChanged = !sameBytes(content, this.#known);
      // The one that is known may be shared with who has loaded it; another copy would be memory for nothing.
      if (hasChanged) this.#known = content;
      this.#isUnreadable = false;
      if (hasChanged && !this.#isClosed) this.onChange();
    } catch (error) {
      this.#missRead(error);
    }
    this.#isLooking = false;
    this.#lookIn(this.#isHinted ? QUIET : EVERY);
  }

  /** A file that is gone may be on its way back; one that is kept from us would stay unnoticed for good. */
  #missRead(error: unknown): void {
    const wasUnreadable = this.#isUnreadable;
    this.#isUnreadable = (error as Error).name !== "NotFound";
    if (this.#isUnreadable && !wasUnreadable && !this.#isClosed) this.onChange();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
    this.#stopHints();
  }

  #hint(): void {
    this.#isHinted = true;
    if (!this.#isLooking) this.#lookIn(QUIET);
  }

  #lookIn(ms: number): void {
    this.#stopTimer();
    if (this.#isClosed) return;
    this.#stopTimer = this.parts.clock.setTimer(ms, () => void this.look());
  }

  /** The folder itself may be a link that was swapped, or have been made anew. */
  async #followFolder(): Promise<void> {
    const folder = await this.parts.files.realPath(dirname(this.file));
    if (folder === this.#folder || this.#isClosed) return;
    this.#stopHints();
    this.#folder = folder;
    try {
      this.#stopHints = this.parts.files.watch(folder, () => this.#hint());
    } catch {
      // Without hints it takes a few seconds longer.
      this.#stopHints = () => {};
    }
  }
}
