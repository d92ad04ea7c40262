/** The network of a scenario: upstreams that follow its lines, and clients. */

import type {
  Clock,
  OutgoingConnection,
  SocketAddress,
  StreamConnection,
  StreamListener,
} from "../../../src/system/mod.ts";
import { formatAddress } from "../../../src/system/mod.ts";
import { namedError } from "../fake_host.ts";
import { FakeNetwork, ReadableStreamEnd, type SentPacket } from "../fake_network.ts";
import type { Channel, ScriptedUpstream, Transport } from "./upstream.ts";

/** Cuts a TCP stream into messages. */
class Deframer {
  #rest: number[] = [];

  push(bytes: Uint8Array): Uint8Array[] {
    this.#rest.push(...bytes);
    const messages: Uint8Array[] = [];
    for (;;) {
      const length = 2 + (this.#rest[0]! << 8 | this.#rest[1]!);
      if (this.#rest.length < 2 || this.#rest.length < length) return messages;
      messages.push(Uint8Array.from(this.#rest.splice(0, length).slice(2)));
    }
  }
}

/** A message with its length in front. */
export function frame(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >> 8, message.length & 255, ...message]);
}

/** The firewall's connection to an upstream. */
class UpstreamStream extends ReadableStreamEnd implements OutgoingConnection {
  readonly #deframer = new Deframer();

  constructor(
    address: SocketAddress,
    readonly upstream: ScriptedUpstream | undefined,
    readonly transport: Transport,
    readonly clock: Clock,
  ) {
    super(address);
  }

  open(): Promise<void> {
    const problem = this.#whyNot();
    return problem === undefined ? Promise.resolve() : Promise.reject(problem);
  }

  // deno-lint-ignore require-await -- a write that fails must reject, not throw
  async write(bytes: Uint8Array): Promise<number> {
    const problem = this.#whyNot();
    if (problem !== undefined) throw problem;
    const channel: Channel = {
      later: (delay, action) => void this.clock.setTimer(delay, action),
      send: (message) => this.send(frame(message)),
      sendBytes: (raw) => this.send(raw),
      close: () => this.send(null),
      fail: () => this.send(namedError("ConnectionReset", "Connection reset by peer")),
    };
    for (const message of this.#deframer.push(bytes)) {
      this.upstream?.take(message, this.transport, channel);
    }
    return bytes.length;
  }

  #whyNot(): Error | undefined {
    if (this.transport === "tls" && this.upstream?.isStranger) {
      return namedError("CertificateError", "the certificate is for another name");
    }
    const isThere = this.upstream !== undefined && !this.upstream.cannotBeReached(this.transport);
    return isThere ? undefined : namedError("ConnectionRefused", "Connection refused");
  }
}

/** A client's end of a TCP connection to the firewall. */
export class ClientStream extends ReadableStreamEnd {
  readonly #deframer = new Deframer();

  constructor(from: SocketAddress, readonly onReply: (reply: Uint8Array) => void) {
    super(from);
  }

  // deno-lint-ignore require-await -- a write that fails must reject, not throw
  async write(bytes: Uint8Array): Promise<number> {
    if (this.isClosed) throw new Error("closed");
    this.#deframer.push(bytes).forEach(this.onReply);
    return bytes.length;
  }
}

/** A network whose upstreams are those of a scenario. */
export class ScenarioNetwork extends FakeNetwork {
  readonly #upstreams: ReadonlyMap<string, ScriptedUpstream>;
  readonly #accepts: ((connection: StreamConnection) => void)[] = [];

  /** The upstreams are by address. */
  constructor(upstreams: ReadonlyMap<string, ScriptedUpstream>, readonly clock: Clock) {
    super();
    this.#upstreams = upstreams;
    for (const [address, upstream] of upstreams) {
      this.onUdp(
        address.replaceAll(/[\[\]]/g, ""),
        (packet, reply) => this.#askOverUdp(upstream, packet, reply),
      );
    }
  }

  override listenTcp(address: SocketAddress): StreamListener {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    return {
      addr: address,
      accept: () =>
        Promise.race([promise, new Promise<StreamConnection>((a) => this.#accepts.push(a))]),
      close: () => reject(new Error("closed")),
    };
  }

  override connectTcp(address: SocketAddress, localPort: number): OutgoingConnection {
    return this.#connect(address, localPort, "tcp");
  }

  override connectTls(address: SocketAddress, localPort: number): OutgoingConnection {
    return this.#connect(address, localPort, "tls");
  }

  /** A client's connection to the firewall. */
  connectClient(stream: ClientStream): void {
    this.#accepts.shift()?.(stream);
  }

  #connect(address: SocketAddress, localPort: number, transport: Transport): OutgoingConnection {
    this.connections.push({ localPort, to: address });
    const upstream = this.#upstreams.get(formatAddress(address));
    return new UpstreamStream(address, upstream, transport, this.clock);
  }

  /** The system tells a socket of an ICMP message instead of handing it a packet. */
  #fail(port: number): void {
    const socket = [...this.open].find(({ addr }) => addr.port === port);
    socket?.fail(namedError("ConnectionRefused", "Connection refused"));
  }

  #askOverUdp(
    upstream: ScriptedUpstream,
    { bytes, from: local }: SentPacket,
    reply: (bytes: Uint8Array, from?: SocketAddress) => void,
  ): void {
    // What the system says of a packet that it cannot send reaches who sends it.
    if (upstream.cannotBeReached("udp")) throw new Error("Network is unreachable");
    const noStream = (): never => {
      throw new Error("Only an upstream that was asked over TCP can do this");
    };
    upstream.take(bytes, "udp", {
      later: (delay, action) => void this.clock.setTimer(delay, action),
      send: (message, from) => reply(message, from),
      sendBytes: noStream,
      close: noStream,
      fail: () => this.#fail(local.port),
    });
  }
}
