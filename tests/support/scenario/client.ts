/** The clients of a scenario, and what they hear. */

import assert from "node:assert/strict";
import { opt, query } from "../packets.ts";
import type { FakeClock } from "../fake_clock.ts";
import { ClientStream, frame, type ScenarioNetwork } from "./network.ts";
import type { Line } from "./source.ts";

/** A question of a client. */
export interface ClientQuestion {
  name: string;
  type: number;
  transport: "udp" | "tcp";
  address: string;
  /** What it says that it takes over UDP, in bytes; undefined: it has no EDNS. */
  size: number | undefined;
  wantsAuthenticated: boolean;
  /** How many clients ask this, at the same moment. */
  clients: number;
}

/** A question that has been asked. */
export interface Asked {
  readonly line: Line;
  readonly question: ClientQuestion;
  readonly packet: Uint8Array;
  /** In ms of the monotonic clock. */
  readonly at: number;
  readonly replies: { readonly bytes: Uint8Array; readonly at: number }[];
  /** Whether a step has said what comes. */
  isExpected: boolean;
}

const LISTEN_PORT = 53;

/** Asks, each time from another port. */
export class Clients {
  readonly asked: Asked[] = [];
  #port = 10_000;

  constructor(readonly network: ScenarioNetwork, readonly clock: FakeClock) {}

  /** Sends a question. */
  ask(question: ClientQuestion, line: Line): void {
    const port = this.#port++;
    const packet = query({
      id: port,
      name: question.name,
      type: question.type,
      flags: question.wantsAuthenticated ? 0x0120 : 0x0100,
      rest: question.size === undefined ? [] : opt({ size: question.size }),
    });
    const at = this.clock.monotonic();
    const asked: Asked = { line, question, packet, at, replies: [], isExpected: false };
    this.asked.push(asked);
    const hear = (bytes: Uint8Array): void =>
      void asked.replies.push({ bytes: bytes.slice(), at: this.clock.monotonic() });
    const from = { hostname: question.address, port };
    if (question.transport === "udp") this.#askOverUdp(packet, from, hear);
    else this.#askOverTcp(packet, from, hear);
  }

  /** The question that was asked first of those that no step has told the answer of. */
  get next(): Asked | undefined {
    return this.asked.find(({ isExpected }) => !isExpected);
  }

  #askOverUdp(
    packet: Uint8Array,
    from: { readonly hostname: string; readonly port: number },
    hear: (bytes: Uint8Array) => void,
  ): void {
    this.network.onUdp(`${from.hostname}:${from.port}`, ({ bytes }) => hear(bytes));
    const socket = [...this.network.open].find(({ addr }) => addr.port === LISTEN_PORT);
    assert.ok(socket !== undefined, "fw-dns does not listen on port 53");
    socket.take(packet, from);
  }

  #askOverTcp(
    packet: Uint8Array,
    from: { readonly hostname: string; readonly port: number },
    hear: (bytes: Uint8Array) => void,
  ): void {
    const stream = new ClientStream(from, hear);
    this.network.connectClient(stream);
    stream.send(frame(packet));
  }
}
