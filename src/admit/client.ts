/** The helper, as the daemon sees it: there, or back in a moment. */

import type { Clock, UnixSockets } from "../system/mod.ts";
import { Link, type Trouble } from "./link.ts";
import { ADMIT_SOCKET, type AdmitRequest } from "./protocol.ts";

/** How long a helper that was gone, or could not be followed, is left alone, in ms. */
export const PAUSE = 500;

/** What a client needs. */
export interface AdmitClientParts {
  readonly unix: Pick<UnixSockets, "connect">;
  readonly clock: Clock;
  /** Called with each new connection: what an older helper, or an older ruleset, knew may be gone. */
  readonly onOpen: () => void;
}

/** Asks the helper; connects when there is something to ask, and again after a pause where that fails. */
export class AdmitClient {
  #link: Link | undefined;
  #earliest = -Infinity;
  /** Why the last connection could not be opened; undefined: it could. */
  failure: unknown;

  constructor(readonly parts: AdmitClientParts) {}

  /** Connects, where it has not; resolves to whether the helper is there. */
  async connect(): Promise<boolean> {
    this.#link ??= this.#open();
    await this.#link.opened;
    return this.#link !== undefined;
  }

  /** Asks for all of them; undefined once all are admitted. Never rejects. */
  ask(requests: readonly AdmitRequest[]): Promise<Trouble | undefined> {
    const { clock } = this.parts;
    if (this.#link === undefined && clock.monotonic() < this.#earliest) {
      return Promise.resolve("gone");
    }
    this.#link ??= this.#open();
    return this.#link.ask(requests);
  }

  /** Hangs up. What is asked later connects again. */
  close(): void {
    this.#link?.close();
  }

  #open(): Link {
    const { unix, clock, onOpen } = this.parts;
    this.failure = undefined;
    return new Link(unix.connect(ADMIT_SOCKET), clock, onOpen, (error) => {
      this.#link = undefined;
      this.failure = error;
      this.#earliest = clock.monotonic() + PAUSE;
    });
  }
}
