/** What the status page, `/status.json` and metrics tell: the same facts, for whoever looks. */

import type {
  BlockedDomain,
  DurationHistogram,
  HistoryPoint,
  ResponseCount,
} from "../observe/stats.ts";
import type { WatcherBits } from "../policy/mod.ts";

/** How one upstream is doing. */
export interface UpstreamState {
  /** As the policy names it. */
  readonly name: string;
  readonly address: string;
  readonly transport: string;
  /** Whether it has said something, and has not fallen silent since. */
  readonly isAnswering: boolean;
  readonly questions: number;
  readonly answers: number;
  /** It said that it has no answer. */
  readonly failures: number;
  /** Nothing could be sent, or the connection broke. */
  readonly unreachable: number;
}

/** What is kept of the exact rules' names and types. */
export interface TableState {
  readonly pairs: number;
  readonly fresh: number;
  readonly stale: number;
  /** The age of the oldest answer, in s. */
  readonly oldest: number;
}

/** What is running. */
export interface Description {
  readonly version: string;
  /** The policy's file. */
  readonly policy: string;
  readonly rules: number;
  readonly mode: "forward" | "hermetic" | "forward and hermetic";
  /** Bits that clients can get out in any hour, at most, to each watcher. */
  readonly leak: WatcherBits;
  readonly upstreams: readonly UpstreamState[];
  readonly table: TableState;
  /** Hermetic pairs that are still to be tried for the first time: until then it is not ready. */
  readonly untried: number;
  /** Whether the last reload put its policy into force; true where there was none. */
  readonly isReloadGood: boolean;
  /** The rules that end by themselves, the next one first; of those that are over, the last one first. */
  readonly expiring: readonly { readonly name: string; readonly expires: number }[];
  /** Resident memory of the process, in bytes. */
  readonly memory: number;
}

/** What to write into the policy where a name is wanted, or why nothing would help. */
export type Suggestion =
  | { readonly kind: "rule"; readonly toml: string }
  | { readonly kind: "advice"; readonly text: string };

/** A decision, as it is shown. */
export interface ShownDecision {
  /** In ms since 1970. */
  readonly time: number;
  readonly client: string;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly verdict: string;
  readonly reason: string;
  readonly rule: string | undefined;
  /** What would have let it through, where it was not. */
  readonly suggestion: Suggestion | undefined;
}

/** A blocked domain, as it is shown. */
export interface ShownBlocked extends Omit<BlockedDomain, "bytes" | "examples"> {
  /** Undefined: not known to whoever looks. */
  readonly bytes: number | undefined;
  readonly examples: readonly {
    readonly name: string;
    readonly type: string;
    readonly suggestion: Suggestion | undefined;
  }[];
}

/** Whose names are shown: everyone's, or only those that the viewer asked for. */
export type Sight = "all" | "own" | "none";

/** What one viewer gets to see. */
export interface Status extends Omit<Description, "memory"> {
  readonly started: number;
  readonly now: number;
  readonly sight: Sight;
  readonly queries: Readonly<Record<string, number>>;
  readonly responses: readonly ResponseCount[];
  readonly durations: DurationHistogram;
  readonly history: readonly HistoryPoint[];
  /** Bytes that blocked names can have carried since the start, and alarms about them. */
  readonly blockedBytes: number;
  readonly alarms: number;
  /** The most bytes first. */
  readonly blocked: readonly ShownBlocked[];
  /** The newest first. */
  readonly decisions: readonly ShownDecision[];
}
