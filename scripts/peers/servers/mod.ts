/** The real servers that run exported policies. */

import type { PeerServer } from "../server.ts";
import { OPEN, TWIN } from "./controls.ts";

/** The files of this folder, one a server, by the ids that `--only` takes; and what of Debian each one needs. */
const FILES: Readonly<Record<string, string>> = {
  recursor: "pdns-recursor",
  dnsdist: "dnsdist",
  unbound: "unbound",
  dnsmasq: "dnsmasq-base",
  rpz_bind: "bind9",
  rpz_unbound: "unbound",
  rpz_recursor: "pdns-recursor",
  rpz_knot_resolver: "knot-resolver",
};

/** A server, how `--only` calls it, and the Debian package that it is in. */
export interface Peer {
  readonly id: string;
  readonly server: PeerServer;
  readonly debian: string;
}

/** All of them, in the order of the document. */
export async function loadPeers(): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const [id, debian] of Object.entries(FILES)) {
    const there = await Deno.stat(new URL(`${id}.ts`, import.meta.url)).catch(() => undefined);
    if (there === undefined) continue;
    const module = await import(new URL(`${id}.ts`, import.meta.url).href) as Record<
      string,
      unknown
    >;
    const server = Object.values(module).find((one) =>
      typeof (one as PeerServer)?.start === "function"
    );
    if (server === undefined) throw new Error(`${id}.ts exports no server`);
    peers.push({ id, server: server as PeerServer, debian });
  }
  return peers;
}

/** The server of an id, the controls among them. Throws where there is none. */
export async function findPeer(id: string): Promise<PeerServer> {
  const controls: Readonly<Record<string, PeerServer>> = { twin: TWIN, open: OPEN };
  const server = controls[id] ?? (await loadPeers()).find((one) => one.id === id)?.server;
  if (server === undefined) throw new Error(`There is no server "${id}"`);
  return server;
}
