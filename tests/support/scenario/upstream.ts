/** The upstreams of a scenario: what they say to each question, and what they were asked. */

import assert from "node:assert/strict";
import type { SocketAddress } from "../../../src/system/mod.ts";
import { u16 } from "../packets.ts";
import { readReference } from "../reference_reader.ts";
import { questionIn } from "../scripted_upstream.ts";
import { questionEnd, respond } from "../upstream_answers.ts";
import { errorAt, type Line, ScenarioError } from "./source.ts";

/** How a question reaches an upstream. */
export type Transport = "udp" | "tcp" | "tls";

/** The way back for what an upstream says to one question. */
export interface Channel {
  /** Does something later, in ms. */
  later(delay: number, action: () => void): void;
  /** Sends a message, over UDP from another address where one is named. */
  send(message: Uint8Array, from?: SocketAddress): void;
  /** Over TCP: sends bytes as they are, without a length in front. */
  sendBytes(bytes: Uint8Array): void;
  /** Over TCP: ends the connection. */
  close(): void;
  /** Whoever waits for an answer meets the system's error, as after an ICMP message or a reset. */
  fail(): void;
}

/** What an upstream does when it is asked. */
export type Reaction = (asked: Uint8Array, channel: Channel) => void;

/** A line of a scenario that says what an upstream does when it is asked. */
export interface ScriptLine {
  readonly line: Line;
  /** As `api.example A`; `*.wild.example A` stands for every name below; `anything` for every question. */
  readonly question: string;
  readonly transport: Transport | undefined;
  /** Whether it is good for any number of questions, and not for one. */
  readonly isEver: boolean;
  readonly react: Reaction;
}

/** How an upstream is, whatever its lines say. */
export type Health = "up" | "silent" | "unreachable" | "refusing" | "stranger";

const PROBE = ". NS";

/** One upstream. */
export class ScriptedUpstream {
  health: Health = "up";
  /** Questions since someone last looked, by transport; our own probes are not counted. */
  #seen: Record<Transport, number> = { udp: 0, tcp: 0, tls: 0 };
  readonly #used = new Set<ScriptLine>();

  constructor(
    readonly name: string,
    readonly lines: readonly ScriptLine[],
    /** Takes what must not happen. */
    readonly onProblem: (problem: Error) => void,
  ) {}

  /** Whether nothing can be sent to it, over this transport. */
  cannotBeReached(transport: Transport): boolean {
    return this.health === "unreachable" || (this.health === "refusing" && transport !== "udp");
  }

  /** Whether its certificate is not the one that it should be. */
  get isStranger(): boolean {
    return this.health === "stranger";
  }

  /** Takes a question. */
  take(asked: Uint8Array, transport: Transport, channel: Channel): void {
    this.#check(asked, transport);
    const question = questionIn(asked);
    const asks = question === " NS" ? PROBE : question;
    if (asks !== PROBE) this.#seen[transport]++;
    if (this.health === "silent") return;
    const line = this.#find(asks, transport);
    if (line !== undefined) {
      this.#used.add(line);
      return line.react(asked, channel);
    }
    if (asks === PROBE) return channel.later(0, () => channel.send(respond(asked)));
    this.onProblem(
      new ScenarioError(
        `upstream ${this.name} was asked ${asks} over ${transport}, and no line is left for it`,
      ),
    );
  }

  /** What it was asked since the last look. */
  look(): Readonly<Record<Transport, number>> {
    const seen = this.#seen;
    this.#seen = { udp: 0, tcp: 0, tls: 0 };
    return seen;
  }

  /** Throws where a line has never been used: it may be a mistake. */
  end(): void {
    for (const one of this.lines) {
      if (!this.#used.has(one)) {
        throw errorAt(one.line, `upstream ${this.name} was never asked this`);
      }
    }
  }

  #find(asks: string, transport: Transport): ScriptLine | undefined {
    return this.lines.find((one) =>
      (one.isEver || !this.#used.has(one)) &&
      (one.transport === undefined || one.transport === transport) &&
      isMeant(one.question, asks)
    );
  }

  /** Whatever happens, a question upstream is a plain query with nothing in it that a client could have put there. */
  #check(asked: Uint8Array, transport: Transport): void {
    try {
      readReference(asked);
      const flags = (asked[2]! << 8) | asked[3]!;
      assert.equal(flags & ~0x0020, 0x0100, "flags");
      const end = questionEnd(asked);
      const padding = transport === "tls" ? paddingAfter(end + 11) : [];
      const opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, ...u16(padding.length), ...padding];
      assert.deepEqual([...asked.subarray(end)], opt, "OPT");
    } catch (error) {
      this.onProblem(error as Error);
    }
  }
}

/** The option that fills a message of so many bytes up to a multiple of 128 (RFC 8467 4.1). */
function paddingAfter(bytes: number): number[] {
  const zeros = 127 - (bytes + 4 + 127) % 128;
  return [...u16(12), ...u16(zeros), ...Array<number>(zeros).fill(0)];
}

function isMeant(pattern: string, asks: string): boolean {
  if (pattern === "anything") return asks !== PROBE;
  return pattern.startsWith("*.") ? asks.endsWith(pattern.slice(1)) : pattern === asks;
}
