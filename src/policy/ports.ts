/** The local ports that questions over TCP leave from: the permissions and the packet filter have to know them. */

/** Some local ports, one after the other. */
export interface PortRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The local ports that connections to upstreams leave from: few enough to be named one by one in Deno's permissions,
 * which know no ranges, and reads through at each packet that is sent. Linux gives none of them to anyone by itself:
 * it takes 32768 to 60999.
 */
export const TCP_PORTS: PortRange = { first: 61_000, count: 64 };
