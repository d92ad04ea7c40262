/** The firewall in this process, on real sockets, in front of a real upstream. */

import assert from "node:assert/strict";
import type { QueryEvent } from "../../src/observe/event.ts";
import { type Daemon, startDaemon } from "../../src/serve/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { opt, query } from "./packets.ts";
import { policyFrom } from "./policies.ts";
import { RealUpstream } from "./real_upstream.ts";
import { Recorder } from "./recorder.ts";

/** What tests list: an exact name, a wildcard, and the sentinel. */
const NAMES = 'allow = ["api.example.com", "*.wild.example", "other.example"]\n';

/** A query that is always answered, without the upstream: what was sent before it has been handled by then. */
const SENTINEL = query({ id: 0x5e5e, name: "localhost" });

/** A firewall, its upstream and one UDP client. */
export class Firewall {
  readonly recorder = new Recorder();
  readonly upstream: RealUpstream;
  readonly daemon: Daemon;
  readonly #client: Deno.DatagramConn;

  /** `toml` is the policy but for its upstream and, where it has none, `[listen]`; `names` is its allowlist. */
  constructor(toml = "", hostname = "127.0.0.1", names = NAMES) {
    this.upstream = new RealUpstream(hostname);
    const firstTable = toml.search(/^\[/m);
    const keys = firstTable === -1 ? toml : toml.slice(0, firstTable);
    const tables = firstTable === -1 ? "" : toml.slice(firstTable);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    const listen = tables.includes("[listen]") ? "" : `[listen]\naddresses = ["${host}:0"]\n`;
    // No test is about the budget that does not set it.
    const budget = tables.includes("[budget]") ? "" : "[budget]\nwildcards_per_hour = 100000\n";
    const upstream = `[[upstream]]\nname = "test"\naddress = "${this.upstream.address}"\n`;
    const policy = policyFrom(`${names}${keys}\n${listen}${budget}${tables}\n${upstream}`);
    this.daemon = startDaemon(policy, createSystem(), this.recorder);
    this.#client = Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
  }

  /** Where it listens. */
  get address(): Deno.NetAddr {
    return { transport: "udp", ...this.daemon.addresses[0]! };
  }

  /**
   * Sends a packet and returns what comes back, or undefined where it was dropped. That nothing came back is
   * seen by a second query, whose reply would have been overtaken.
   */
  async ask(packet: Uint8Array): Promise<Uint8Array | undefined> {
    const { verdict } = await this.outcomeOf(packet);
    if (verdict !== "drop") return await this.#receive();
    await this.#client.send(SENTINEL, this.address);
    const first = await this.#receive();
    assert.deepEqual([...first.subarray(0, 2)], [0x5e, 0x5e], "a reply to a dropped query");
    return undefined;
  }

  /** Sends a packet and returns what the firewall says of it, whatever the client hears. */
  async outcomeOf(packet: Uint8Array): Promise<QueryEvent> {
    const before = this.recorder.queries.length;
    await this.#client.send(packet, this.address);
    await until(() => this.recorder.queries.length > before, "the query was never handled");
    return this.recorder.queries[before]!;
  }

  /** Asks like `dig` and returns the reply, which must come. */
  async answer(name: string, type = 1): Promise<Uint8Array> {
    const reply = await this.ask(
      query({
        name,
        type,
        flags: 0x0120,
        rest: opt({ options: [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8] }),
      }),
    );
    return reply ?? assert.fail(`no reply for ${name}`);
  }

  /** Opens a TCP connection to it. */
  async connect(): Promise<Deno.TcpConn> {
    const { hostname, port } = this.daemon.addresses[0]!;
    return await Deno.connect({ hostname, port });
  }

  async close(): Promise<void> {
    await this.daemon.stop();
    this.#client.close();
    await this.upstream.close();
  }

  async #receive(): Promise<Uint8Array> {
    const [packet] = await this.#client.receive(new Uint8Array(65535));
    return packet.slice();
  }
}

/** How long a test waits for what must come, in ms: to end instead of hanging, no more. */
const PATIENCE = 20_000;

/** Waits until a condition holds. */
export async function until(condition: () => boolean, otherwise: string): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!condition()) {
    if (Date.now() > end) assert.fail(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Runs a test with a firewall of its own. */
export async function withFirewall(
  body: (firewall: Firewall) => Promise<void>,
  toml = "",
  hostname = "127.0.0.1",
): Promise<void> {
  const firewall = new Firewall(toml, hostname);
  try {
    await body(firewall);
  } finally {
    await firewall.close();
  }
}
