/** A network in memory: whoever listens on an address is a function of the test. */

import type {
  DatagramSocket,
  Network,
  OutgoingConnection,
  SocketAddress,
  StreamConnection,
  StreamListener,
  TlsIdentity,
} from "../../src/system/mod.ts";
import { frameMessages, FrameReader } from "../../src/wire/mod.ts";
import { namedError } from "./fake_process.ts";

/** A packet that left through the network. */
export interface SentPacket {
  readonly bytes: Uint8Array;
  readonly from: SocketAddress;
  readonly to: SocketAddress;
}

/** What happens to packets that are sent to an address; it may send as many back as it likes, at any time. */
export type UdpPeer = (
  packet: SentPacket,
  reply: (bytes: Uint8Array, from?: SocketAddress) => void,
) => void;

/** What happens to a TCP message that is sent to an address: the messages that come back, or null: it closes. */
export type TcpPeer = (message: Uint8Array) => Promise<readonly Uint8Array[] | null>;

/** A network of functions. */
export class FakeNetwork implements Network {
  /** Every packet that the program sent to an upstream, in order. */
  readonly sent: SentPacket[] = [];
  /** Every message that it sent to an upstream over TCP. */
  readonly sentOverTcp: Uint8Array[] = [];
  /** Every connection that it started, and the port that it chose for it. */
  readonly connections: { readonly localPort: number; readonly to: SocketAddress }[] = [];
  /** Whom it has asked for over TLS, in order. */
  readonly identities: TlsIdentity[] = [];
  /** Servers over TLS that show the wrong certificate, and what is wrong with it. */
  readonly strangers = new Map<string, string>();
  /** Local ports that another program has. */
  readonly takenPorts = new Set<number>();
  /** The sockets that are open. */
  readonly open = new Set<FakeSocket>();
  readonly #udpPeers = new Map<string, UdpPeer>();
  readonly #tcpPeers = new Map<string, TcpPeer>();
  #nextPort = 40_000;
  /** Called with every packet that leaves. */
  onSent: (packet: SentPacket) => void = () => {};
  /** What dialling an address meets where no server is on it: an error, or nothing at all. */
  readonly dials = new Map<string, Error | "silence">();
  /** The addresses of the host, or why they are not told. */
  own: readonly string[] | Error = ["127.0.0.1", "::1"];
  /** Makes every send fail, as a network that is down does. */
  isDown = false;

  /** Puts a server on an address, `192.0.2.53:53` for one. */
  onUdp(address: string, peer: UdpPeer): void {
    this.#udpPeers.set(address, peer);
  }

  onTcp(address: string, peer: TcpPeer): void {
    this.#tcpPeers.set(address, peer);
  }

  bindUdp({ hostname, port }: SocketAddress): DatagramSocket {
    const local = { hostname, port: port === 0 ? this.#nextPort++ : port };
    const socket = new FakeSocket(
      local,
      (bytes, to) => this.#deliver(socket, bytes, to),
      () => this.open.delete(socket),
    );
    this.open.add(socket);
    return socket;
  }

  listenTcp(address: SocketAddress): StreamListener {
    return {
      addr: address,
      accept: () => new Promise(() => {}),
      close: () => {},
    };
  }

  connectTcp(address: SocketAddress, localPort: number): OutgoingConnection {
    this.connections.push({ localPort, to: address });
    const problem = this.#connectProblem(address, localPort);
    return new FakeStream(
      address,
      problem ?? ((message) => {
        this.sentOverTcp.push(message);
        return this.#tcpPeers.get(`${address.hostname}:${address.port}`)!(message);
      }),
    );
  }

  /** Who is at an address over TLS is what the test says: `strangers` are not who they should be. */
  connectTls(
    address: SocketAddress,
    localPort: number,
    identity: TlsIdentity,
  ): OutgoingConnection {
    this.identities.push(identity);
    const fault = this.strangers.get(`${address.hostname}:${address.port}`);
    const connection = this.connectTcp(address, localPort);
    if (fault === undefined) return connection;
    connection.close();
    return new FakeStream(address, namedError("CertificateError", fault));
  }

  dialTcp(address: SocketAddress, limit: AbortSignal): Promise<StreamConnection> {
    const key = `${address.hostname}:${address.port}`;
    const outcome = this.dials.get(key) ?? this.#tcpPeers.get(key) ??
      namedError("ConnectionRefused", "Connection refused");
    if (outcome instanceof Error) return Promise.reject(outcome);
    if (outcome !== "silence") return Promise.resolve(new FakeStream(address, outcome));
    return new Promise((_, reject) =>
      limit.addEventListener("abort", () => reject(namedError("AbortError", "Aborted")))
    );
  }

  ownAddresses(): readonly string[] {
    if (this.own instanceof Error) throw this.own;
    return this.own;
  }

  #connectProblem(address: SocketAddress, localPort: number): Error | undefined {
    if (this.takenPorts.has(localPort)) {
      return namedError("AddrInUse", `bind EADDRINUSE 0.0.0.0:${localPort}`);
    }
    const isThere = this.#tcpPeers.has(`${address.hostname}:${address.port}`);
    return isThere && !this.isDown ? undefined : new Error("Connection refused");
  }

  #deliver(socket: FakeSocket, bytes: Uint8Array, to: SocketAddress): void {
    if (this.isDown) throw new Error("Network is unreachable");
    const packet = { bytes: bytes.slice(), from: socket.addr, to };
    this.sent.push(packet);
    this.onSent(packet);
    const reply = (answer: Uint8Array, from = to): void => socket.take(answer, from);
    this.#udpPeers.get(`${to.hostname}:${to.port}`)?.(packet, reply);
  }
}

/** A UDP socket in memory. */
class FakeSocket implements DatagramSocket {
  readonly #inbox: ([Uint8Array, SocketAddress] | Error)[] = [];
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(
    readonly addr: SocketAddress,
    readonly deliver: (bytes: Uint8Array, to: SocketAddress) => void,
    readonly onClose: () => void,
  ) {}

  async receive(buffer: Uint8Array): Promise<[Uint8Array, SocketAddress]> {
    while (this.#inbox.length === 0) {
      if (this.#isClosed) throw new Error("Bad resource ID");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const next = this.#inbox.shift()!;
    if (next instanceof Error) throw next;
    const [bytes, from] = next;
    buffer.set(bytes.subarray(0, buffer.length));
    return [buffer.subarray(0, Math.min(bytes.length, buffer.length)), from];
  }

  // deno-lint-ignore require-await -- a send that fails must reject, not throw
  async send(bytes: Uint8Array, to: SocketAddress): Promise<number> {
    if (this.#isClosed) throw new Error("Bad resource ID");
    this.deliver(bytes, { hostname: to.hostname, port: to.port });
    return bytes.length;
  }

  close(): void {
    this.#isClosed = true;
    this.onClose();
    this.#wake();
  }

  take(bytes: Uint8Array, from: SocketAddress): void {
    // A test may also hand in what is no address at all.
    const sender = from && { ...from, transport: "udp" };
    this.#inbox.push([bytes.slice(), sender]);
    this.#wake();
  }

  /** Whoever receives next meets an error. */
  fail(error: Error): void {
    this.#inbox.push(error);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A TCP connection from which the program reads what is put in. */
export abstract class ReadableStreamEnd implements StreamConnection {
  protected isClosed = false;
  readonly #chunks: (Uint8Array | null | Error)[] = [];
  #wake = (): void => {};

  constructor(readonly remoteAddr: SocketAddress) {}

  abstract write(bytes: Uint8Array): Promise<number>;

  /** Sends bytes to the program; null ends the stream, an error breaks it. */
  send(chunk: Uint8Array | null | Error): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.isClosed) throw new Error("Bad resource ID");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks.shift()!;
    if (chunk === null) return null;
    if (chunk instanceof Error) throw chunk;
    const part = chunk.subarray(0, buffer.length);
    if (chunk.length > part.length) this.#chunks.unshift(chunk.subarray(part.length));
    buffer.set(part);
    return part.length;
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }
}

/** The program's end of a TCP connection to a peer that takes whole messages. */
class FakeStream extends ReadableStreamEnd implements OutgoingConnection {
  readonly #frames = new FrameReader();

  /** With an error in the peer's place, it is never open. */
  constructor(remoteAddr: SocketAddress, readonly peer: TcpPeer | Error) {
    super(remoteAddr);
  }

  open(): Promise<void> {
    return this.peer instanceof Error ? Promise.reject(this.peer) : Promise.resolve();
  }

  // deno-lint-ignore require-await -- a write that fails must reject, not throw
  async write(bytes: Uint8Array): Promise<number> {
    if (this.peer instanceof Error) throw this.peer;
    for (const asked of this.#frames.push(bytes) ?? []) void this.#answer(this.peer(asked));
    return bytes.length;
  }

  async #answer(answers: ReturnType<TcpPeer>): Promise<void> {
    const messages = await answers;
    for (const message of messages ?? []) this.send(frameMessages(message));
    if (messages === null) this.send(null);
  }
}
