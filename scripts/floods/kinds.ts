/** The floods, and what clients hear meanwhile. */

import type { Heard } from "../bench/heard.ts";

/** What one process can send without end. */
export const FLOODS = {
  none: "nothing",
  unlisted: "names on no list, each another one",
  malformed: "five kinds of malformed packets",
  subdomains: "names below a listed wildcard, each another one",
  listed: "one listed name",
  connections: "TCP connections that say nothing; the last 512 stay open",
  pipelines:
    "256 TCP connections that ask without end for a listed name; every other one never reads",
} as const;

/** One of them. */
export type Flood = keyof typeof FLOODS;

/** What the other client heard during one flood. */
export interface Run {
  readonly server: string;
  readonly flood: Flood;
  readonly transport: "udp" | "tcp";
  /** Packets, connections or questions a second that the flood has sent. */
  readonly offered: number;
  readonly heard: Heard;
}

/** What a server lost at one rate of a flood of unlisted names. */
export interface Step {
  readonly server: string;
  readonly offered: number;
  /** The share of the other client's queries that got no answer, 0 to 1. */
  readonly lost: number;
}

/** All of a measurement. */
export interface Results {
  readonly seconds: number;
  readonly isCompiled: boolean;
  readonly versions: readonly string[];
  readonly runs: readonly Run[];
  readonly steps: readonly Step[];
}
