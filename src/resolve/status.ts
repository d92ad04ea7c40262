/** How resolution is doing, for people and monitoring: nothing in here changes what goes upstream. */

import type { Upstream } from "../policy/mod.ts";
import type { Slot } from "./slot.ts";

/** How one upstream is doing. */
export interface UpstreamStatus {
  readonly upstream: Upstream;
  /** Whether it has said something, and has not fallen silent since. */
  readonly isAnswering: boolean;
  /** Questions sent to it, our own among them. */
  readonly questions: number;
  /** Of these: answered. What is in neither of these three got no answer in time, or none was waited for any longer. */
  readonly answers: number;
  /** The upstream said that it has no answer. */
  readonly failures: number;
  /** Nothing could be sent, or the connection broke. */
  readonly unreachable: number;
}

/** What is kept of the exact rules' names and types. */
export interface TableStatus {
  /** Pairs of name and type: of hermetic rules all, of others those that were asked for. */
  readonly pairs: number;
  readonly fresh: number;
  /** Past their time, and served while no upstream answers. */
  readonly stale: number;
  /** The age of the oldest answer of these, in ms; 0 where there is none. */
  readonly oldest: number;
}

/** How all of it is doing. */
export interface ResolverStatus {
  readonly upstreams: readonly UpstreamStatus[];
  /** Pairs of hermetic rules that are still to be tried for the first time. */
  readonly untried: number;
}

/** How many slots are looked at in one go: well under a millisecond. */
const AT_ONCE = 2000;

/** Looks through a table, some slots at a time: between them, others may have their turn. `now` is of the monotonic clock. */
export function* surveyTable(slots: Iterable<Slot>, now: number): Generator<void, TableStatus> {
  let [pairs, fresh, stale, oldest] = [0, 0, 0, 0];
  for (const { kept } of slots) {
    if (++pairs % AT_ONCE === 0) yield;
    if (kept === undefined) continue;
    if (now < kept.freshUntil) fresh++;
    else if (now < kept.staleUntil) stale++;
    else continue;
    oldest = Math.max(oldest, now - kept.came);
  }
  return { pairs, fresh, stale, oldest };
}
