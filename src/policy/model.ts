/** A policy, read and checked: what `parse.ts` makes and everything else reads. */

import type { SocketAddress } from "../system/mod.ts";
import type { SubnetList } from "./address.ts";
import type { Learn } from "./learn.ts";
import type { Path } from "./problem.ts";
import type { Upstream } from "./rule.ts";
import type { RuleTable } from "./rules.ts";

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
  /** Whether to reload when the file changes, too. */
  readonly watch: boolean;
  readonly listen: {
    readonly addresses: readonly SocketAddress[];
    readonly clients: SubnetList;
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
    /** In ms: questions leave only at multiples of it. */
    readonly tick: number;
  };
  readonly cache: {
    /** In ms: the floor of rules that name none. */
    readonly minTtl: number;
    /** In ms: the longest that an answer counts as fresh. */
    readonly maxTtl: number;
    /** In ms: how long an answer may be served after that; 0: never. */
    readonly stale: number;
  };
  readonly hermetic: {
    /** Emissions a second, at most. */
    readonly rate: number;
  };
  /** The account to run as, where this is started as root; undefined: the one that it is started as. */
  readonly runAs: { readonly user: string; readonly group: string | undefined } | undefined;
  readonly sandbox: {
    /** Whether to refuse to run with more permission than needed. */
    readonly strict: boolean;
  };
  readonly budget: {
    /** Emissions for names below wildcards in any hour, at most. */
    readonly wildcardsPerHour: number;
    /** The ceiling on the leak bound, in bits in any hour; undefined: none. */
    readonly bitsPerHour: number | undefined;
  };
  /** Until when, and how many, names that no rule lists resolve too; undefined: none ever. */
  readonly learn: Learn | undefined;
  readonly log: {
    readonly format: "text" | "json";
    readonly queries: "denied" | "all" | "none";
  };
  readonly metrics: {
    /** Where metrics and the status page are; undefined: nowhere. */
    readonly address: SocketAddress | undefined;
  };
  readonly rules: RuleTable;
  /** The paths of the files that it names, as messages tell them. */
  readonly files: readonly string[];
  readonly tests: readonly PolicyTest[];
}
