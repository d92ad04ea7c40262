/** The whole firewall on a fake clock, a seeded random and a network in memory: a day takes seconds. */

import { type Daemon, startDaemon } from "../../src/serve/mod.ts";
import type {
  OutgoingConnection,
  SocketAddress,
  StreamConnection,
  StreamListener,
} from "../../src/system/mod.ts";
import { FakeClock, settle } from "./fake_clock.ts";
import { FakeNetwork, ReadableStreamEnd, type TcpPeer } from "./fake_network.ts";
import { hex } from "./packets.ts";
import { policyFrom } from "./policies.ts";
import { Recorder } from "./recorder.ts";
import { SeededRandom } from "./seeded_random.ts";

/** Where the firewall listens. */
export const LISTEN: SocketAddress = { hostname: "127.0.0.1", port: 53 };

/** One thing that an outsider sees of the firewall. */
export interface Sight {
  /** In ms since the start. */
  readonly at: number;
  /** The port that it left from; 0 where that is not known. */
  readonly port: number;
  /** `udp`, `tcp`, `connect` or `close`. */
  readonly how: string;
  readonly to: string;
  readonly bytes: string;
}

/** A network that listens, and notes what goes to upstreams. */
class ObservedNetwork extends FakeNetwork {
  readonly trace: Sight[] = [];
  readonly #accepts: PromiseWithResolvers<StreamConnection>[] = [];

  constructor(readonly clock: FakeClock) {
    super();
    this.onSent = ({ bytes, from, to }) => {
      if (from.port === LISTEN.port) this.sent.length = 0;
      else this.#note("udp", from.port, to, bytes);
    };
  }

  override listenTcp(address: SocketAddress): StreamListener {
    return {
      addr: address,
      accept: () => {
        const accept = Promise.withResolvers<StreamConnection>();
        this.#accepts.push(accept);
        return accept.promise;
      },
      close: () => {
        for (const accept of this.#accepts.splice(0)) accept.reject(new Error("closed"));
      },
    };
  }

  override onTcp(address: string, peer: TcpPeer): void {
    const [hostname = "", port] = address.split(":");
    super.onTcp(address, (message) => {
      this.#note("tcp", 0, { hostname, port: Number(port) }, message);
      return peer(message);
    });
  }

  override connectTcp(to: SocketAddress, localPort: number): OutgoingConnection {
    this.#note("connect", localPort, to, new Uint8Array());
    const stream = super.connectTcp(to, localPort);
    const close = stream.close.bind(stream);
    return Object.assign(stream, {
      close: () => {
        this.#note("close", localPort, to, new Uint8Array());
        close();
      },
    });
  }

  /** A client's connection to the firewall. */
  connectClient(from: SocketAddress): ClientStream {
    const stream = new ClientStream(from);
    this.#accepts.shift()?.resolve(stream);
    return stream;
  }

  #note(how: string, port: number, to: SocketAddress, bytes: Uint8Array): void {
    const at = Math.round(this.clock.monotonic() * 1000) / 1000;
    this.trace.push({ at, port, how, to: `${to.hostname}:${to.port}`, bytes: hex(bytes) });
  }
}

/** A TCP connection of a client, who does not look at what it gets. */
export class ClientStream extends ReadableStreamEnd {
  write(bytes: Uint8Array): Promise<number> {
    return this.isClosed ? Promise.reject(new Error("closed")) : Promise.resolve(bytes.length);
  }
}

/** A firewall that lives in simulated time. */
export class Simulation {
  readonly clock = new FakeClock();
  readonly network = new ObservedNetwork(this.clock);
  readonly recorder = new Recorder();
  #daemon: Daemon | undefined;

  /** `upstream` sets up what answers; the seed is for the firewall's own random numbers. */
  constructor(
    readonly toml: string,
    upstream: (simulation: Simulation) => void,
    readonly seed = 1,
  ) {
    upstream(this);
  }

  /** Starts the firewall. */
  start(): void {
    const { clock, network, recorder } = this;
    const random = new SeededRandom(this.seed);
    this.#daemon = startDaemon(policyFrom(this.toml), { clock, network, random }, recorder);
  }

  /** Puts another policy into force, as an operator does. */
  reload(toml: string): void {
    this.#daemon?.reload(policyFrom(toml));
  }

  /** A client sends a packet over UDP. */
  send(packet: Uint8Array, from: SocketAddress = { hostname: "127.0.0.1", port: 5353 }): void {
    const socket = [...this.network.open].find(({ addr }) => addr.port === LISTEN.port);
    socket?.take(packet, from);
  }

  /** What has been seen of the firewall from outside. */
  get trace(): readonly Sight[] {
    return this.network.trace;
  }

  async stop(): Promise<void> {
    const stopped = this.#daemon?.stop();
    await this.clock.advance(5000);
    await stopped;
    await settle();
  }
}
