/** The local ports that questions over TCP leave from: the permissions and the packet filter have to know them. */

import type { Policy } from "./model.ts";

/** Some local ports, one after the other. */
export interface PortRange {
  readonly first: number;
  readonly count: number;
}

/** Linux gives none from here on to anyone by itself: it takes 32768 to 60999. */
const FIRST = 61_000;

/** As many as are worth their while: Deno reads through all that are permitted at each packet that is sent. */
const COUNT = { always: 1024, afterTruncation: 64 } as const;

/**
 * The local ports that a policy's questions over TCP leave from: 1,024 where an upstream is asked over TCP alone, and
 * 64 where that is only for what came truncated. Few enough to be named one by one in Deno's permissions, which know
 * no ranges.
 */
export function tcpPortsOf({ upstreams }: Pick<Policy, "upstreams">): PortRange {
  const isAlways = upstreams.some(({ transport }) => transport === "tcp");
  return { first: FIRST, count: isAlways ? COUNT.always : COUNT.afterTruncation };
}
