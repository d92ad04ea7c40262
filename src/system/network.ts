/** Sockets and connections, as interfaces. */

import type { DatagramAddress, SocketAddress } from "./addresses.ts";

/** A bound UDP socket. */
export interface DatagramSocket {
  readonly addr: unknown;
  /** Waits for a packet; the bytes are a view on `buffer`. Rejects once the socket is closed. */
  receive(buffer: Uint8Array): Promise<[Uint8Array, unknown]>;
  /** Sends one packet. Throws or rejects where the system or the permissions do not let it. */
  send(packet: Uint8Array, to: DatagramAddress): Promise<number>;
  close(): void;
}

/** An open TCP connection. */
export interface StreamConnection {
  readonly remoteAddr: unknown;
  /** Reads into `buffer`; the number of bytes, or null at the end of the stream. */
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** A TCP connection of ours that may still be being opened. */
export interface OutgoingConnection extends StreamConnection {
  /** Resolves when it is open, and rejects where that fails. */
  open(): Promise<void>;
}

/** A TCP socket that takes connections. */
export interface StreamListener {
  readonly addr: unknown;
  accept(): Promise<StreamConnection>;
  close(): void;
}

/** What the other side of a TLS connection has to show. */
export interface TlsIdentity {
  /** The name that its certificate is for. */
  readonly name: string;
  /** Certificates (PEM) of which one must have issued it, by way of others or not; undefined: the runtime's own. */
  readonly roots: readonly string[] | undefined;
  /** The SHA-256 of its public key (SubjectPublicKeyInfo), in base64 (RFC 7858 A); undefined: any. */
  readonly pin: string | undefined;
}

/** UDP, TCP and TLS. Every function throws or rejects with the system's error. */
export interface Network {
  /** Binds a UDP socket; port 0 takes a free one. */
  bindUdp(address: SocketAddress): DatagramSocket;
  /** Binds a TCP socket; port 0 takes a free one. */
  listenTcp(address: SocketAddress): StreamListener;
  /**
   * Starts to connect from a local port, at any of our addresses. What it returns can be used and closed at once:
   * what is written waits until the connection is open, and rejects where that fails: with an error for which
   * `isPortTaken` holds, where another socket of this host has the port. Closing gives everything back at once.
   */
  connectTcp(address: SocketAddress, localPort: number): OutgoingConnection;
  /**
   * The same over TLS. It is open once the other side has shown who it is, in every respect that `identity` names:
   * nothing that is written leaves before that, and where it is somebody else, nothing ever does. A runtime that
   * cannot speak TLS from a port of our choice (Deno before 2.9) lets the system choose one.
   */
  connectTls(
    address: SocketAddress,
    localPort: number,
    identity: TlsIdentity,
  ): OutgoingConnection;
  /** Connects from any port, and gives up when `limit` says so. Rejects with the system's error. */
  dialTcp(address: SocketAddress, limit: AbortSignal): Promise<StreamConnection>;
  /** The IP addresses of this host. Throws where the permissions do not cover it. */
  ownAddresses(): readonly string[];
}
