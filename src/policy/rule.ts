/** One line of the allowlist, and the upstreams that its questions go to. */

import type { SocketAddress, TlsIdentity } from "../system/mod.ts";
import type { WireName } from "../wire/mod.ts";
import type { SubnetList } from "./address.ts";
import type { LabelSet } from "./labels.ts";
import type { NamePattern } from "./name_pattern.ts";
import type { Path } from "./problem.ts";

/** How questions reach an upstream. */
export type Transport = "udp" | "tcp" | "tls";

/** A server that questions are forwarded to. */
export interface Upstream {
  /** Its name in the policy, or else its address. */
  readonly name: string;
  /** All that it is but its name, as text: what tells it from another one, after a reload too. */
  readonly key: string;
  readonly address: SocketAddress;
  readonly transport: Transport;
  /** Who it has to be; undefined where the transport is not TLS, and only then. */
  readonly tls: TlsIdentity | undefined;
  /** Whether nobody can change its answers on the way here: its AD flag may then be believed. */
  readonly isTrusted: boolean;
}

/** Who causes questions upstream: clients by asking, or fw-dns alone, by a schedule of its own. */
export type Mode = "forward" | "hermetic";

/** One line of the allowlist. */
export interface Rule {
  readonly pattern: NamePattern;
  /** Orders the rules of a policy as they stand in it; no two have the same. Below 2^32. */
  readonly number: number;
  /** The name as the policy spells it, in small letters. */
  readonly name: string;
  /** The record types that resolve, as numbers. */
  readonly types: ReadonlySet<number>;
  /** Where its questions go, in order. */
  readonly upstreams: readonly Upstream[];
  readonly mode: Mode;
  /** The floor, in ms: two emissions of a pair start at least this far apart, and answers are kept this long. */
  readonly minTtl: number;
  /** Whether answers may be private, loopback, link-local and other addresses that are not for the Internet. */
  readonly allowsPrivate: boolean;
  /** Where alone the addresses in answers may lie; undefined: anywhere. */
  readonly within: SubnetList | undefined;
  /** What each label in place of the stars may be; undefined: any. */
  readonly labels: LabelSet | undefined;
  /** From this time on (ms since 1970) the rule is none. */
  readonly expires: number | undefined;
  readonly comment: string | undefined;
  /** Where in the policy it stands. */
  readonly path: Path;
}

/** Whether a rule is in force at a time (ms since 1970). */
export function isLive({ expires }: Rule, now: number): boolean {
  return expires === undefined || now < expires;
}

/** Whether what stands in a name before one of its labels, for the stars of a rule, is what the rule lets stand there. */
export function hasItsLabels({ labels }: Rule, name: WireName, label: number): boolean {
  if (labels === undefined) return true;
  return name.text.split(".").slice(0, label).every((one) => labels.matches(one));
}
