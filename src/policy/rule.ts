/** One line of the allowlist, and the upstreams that its questions go to. */

import type { SocketAddress } from "../system/mod.ts";
import type { NamePattern } from "./name_pattern.ts";
import type { Path } from "./problem.ts";

/** How questions reach an upstream. */
export type Transport = "udp" | "tcp";

/** A server that questions are forwarded to. */
export interface Upstream {
  /** Its name in the policy, or else its address. */
  readonly name: string;
  readonly address: SocketAddress;
  readonly transport: Transport;
  /** Whether nobody can change its answers on the way here: its AD flag may then be believed. */
  readonly isTrusted: boolean;
}

/** One line of the allowlist. */
export interface Rule {
  readonly pattern: NamePattern;
  /** The name as the policy spells it, in small letters. */
  readonly name: string;
  /** The record types that resolve, as numbers. */
  readonly types: ReadonlySet<number>;
  /** Where its questions go, in order. */
  readonly upstreams: readonly Upstream[];
  /** In s: answers are kept at least this long. */
  readonly minTtl: number;
  /** From this time on (ms since 1970) the rule is none. */
  readonly expires: number | undefined;
  readonly comment: string | undefined;
  /** Where in the policy it stands. */
  readonly path: Path;
}
