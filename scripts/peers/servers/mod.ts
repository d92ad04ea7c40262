/** The real servers that run exported policies. */

import type { PeerServer } from "../server.ts";
import { OPEN, TWIN } from "./controls.ts";
import { DNSDIST } from "./dnsdist.ts";
import { DNSMASQ } from "./dnsmasq.ts";
import { RECURSOR } from "./recursor.ts";
import { RPZ_BIND } from "./rpz_bind.ts";
import { RPZ_KNOT_RESOLVER } from "./rpz_knot_resolver.ts";
import { RPZ_RECURSOR } from "./rpz_recursor.ts";
import { RPZ_UNBOUND } from "./rpz_unbound.ts";
import { UNBOUND } from "./unbound.ts";

/** A server, how `--only` calls it, and the Debian package that it is in. */
export interface Peer {
  readonly id: string;
  readonly server: PeerServer;
  readonly debian: string;
}

/** All of them, in the order of the document. */
export const PEERS: readonly Peer[] = [
  { id: "recursor", server: RECURSOR, debian: "pdns-recursor" },
  { id: "dnsdist", server: DNSDIST, debian: "dnsdist" },
  { id: "unbound", server: UNBOUND, debian: "unbound" },
  { id: "dnsmasq", server: DNSMASQ, debian: "dnsmasq-base" },
  { id: "rpz_bind", server: RPZ_BIND, debian: "bind9" },
  { id: "rpz_unbound", server: RPZ_UNBOUND, debian: "unbound" },
  { id: "rpz_recursor", server: RPZ_RECURSOR, debian: "pdns-recursor" },
  { id: "rpz_knot_resolver", server: RPZ_KNOT_RESOLVER, debian: "knot-resolver" },
];

/** The server of an id, the controls among them. Throws where there is none. */
export function findPeer(id: string): PeerServer {
  const controls: Readonly<Record<string, PeerServer>> = { twin: TWIN, open: OPEN };
  const server = controls[id] ?? PEERS.find((one) => one.id === id)?.server;
  if (server === undefined) throw new Error(`There is no server "${id}"`);
  return server;
}
