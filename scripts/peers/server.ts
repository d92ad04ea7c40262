/** Real servers that run an exported policy. */

/** Where a server stands, as the policy that was exported says: the text has both in it already. */
export interface PeerPlace {
  /** A folder for its files, which it may write. */
  readonly folder: string;
  /** Where it answers, over UDP and TCP. */
  readonly address: Deno.NetAddr;
  /** The server that it asks. */
  readonly upstream: Deno.NetAddr;
}

/** A server of Debian that can run an exported policy. */
export interface PeerServer {
  /** As the table calls it, such as `PowerDNS Recursor`. */
  readonly title: string;
  /** What `export --to` calls it. */
  readonly target: string;
  /** What must be in the path. */
  readonly program: string;
  /** A command that prints its version. */
  readonly version: readonly [string, ...string[]];
  /**
   * Writes its files from the exported text, has its own checker look at them, and starts it; resolves when it answers
   * or can, with what ends it. Rejects with the checker's words where it finds a fault.
   */
  start(place: PeerPlace, exported: string): Promise<() => Promise<void>>;
}
