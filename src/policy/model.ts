/** A policy, read and checked: what `parse.ts` makes and everything else reads. */

import type { SocketAddress } from "../system/mod.ts";
import type { ClientList } from "./address.ts";
import type { NamePattern } from "./name_pattern.ts";
import type { Path } from "./problem.ts";
import type { RuleTable } from "./rules.ts";

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

/** What a name on no rule gets. */
export type UnlistedAction = "drop" | "refused" | "nxdomain";

/** An expectation that the policy holds about itself. */
export interface PolicyTest {
  readonly name: string;
  readonly type: number;
  readonly expect: "allow" | "deny";
  readonly path: Path;
}

/** Everything that a policy file says. */
export interface Policy {
  readonly unlisted: UnlistedAction;
  readonly listen: {
    readonly addresses: readonly SocketAddress[];
    readonly clients: ClientList;
    readonly tcpConnections: number;
    /** In ms. */
    readonly tcpIdle: number;
  };
  readonly upstreams: readonly Upstream[];
  readonly query: {
    /** Of one try, in ms. */
    readonly timeout: number;
    readonly tries: number;
    readonly inFlight: number;
  };
  readonly log: {
    readonly format: "text" | "json";
    readonly queries: "denied" | "all" | "none";
  };
  readonly rules: RuleTable;
  readonly tests: readonly PolicyTest[];
}
