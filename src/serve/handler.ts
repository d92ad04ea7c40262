/** The whole path of one query, on one screen. */

import type { Observer } from "../observe/event.ts";
import { decide, deny, judgeAnswer, type Policy, type Rule } from "../policy/mod.ts";
import { comesFrom, NO_ANSWER, OVERLOAD, type Resolution, type Resolve } from "../resolve/mod.ts";
import { type Clock, traceOf } from "../system/mod.ts";
import {
  keepQuery,
  MAX_MESSAGE_BYTES,
  type Query,
  rcodeName,
  readQuery,
  typeName,
  writeReply,
} from "../wire/mod.ts";
import { decidedHere, dropped, type Outcome, resolved } from "./outcome.ts";

/** Who sent a query, and how: it bounds the size of the reply. */
export interface Client {
  /** The IP address. */
  readonly address: string;
  readonly transport: "udp" | "tcp";
}

/** A reply, nothing (the query is dropped), or either of them later. */
export type Handled = Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** What a handler needs. */
export interface HandlerParts {
  /** The first one. */
  readonly policy: Policy;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly observer: Observer;
}

/** So many times `in_flight` may wait in all; the memory for them is what is bounded. */
const MOST_WAITING = 64;

/** Turns packets into replies. It never throws or rejects: an error in it is reported, the query dropped. */
export class Handler {
  #policy: Policy;
  #waiting = 0;
  #waitingForWildcards = 0;
  readonly #lateOut = new Uint8Array(MAX_MESSAGE_BYTES);

  constructor(readonly parts: HandlerParts) {
    this.#policy = parts.policy;
  }

  /** From the next packet on another policy judges, and those who wait are judged by it once more. */
  reload(policy: Policy): void {
    this.#policy = policy;
  }

  /** How many queries wait for an upstream. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a client may ask at all; one that may not is reported. */
  admits(address: string): boolean {
    if (this.#policy.listen.clients.includes(address)) return true;
    this.#report({ address }, undefined, dropped("client"));
    return false;
  }

  /** Handles one packet. A reply that is there at once is a view on `out`, of `MAX_MESSAGE_BYTES`. */
  handle(packet: Uint8Array, client: Client, out: Uint8Array): Handled {
    try {
      return this.#handle(packet, client, out);
    } catch (error) {
      return this.#failClosed(error);
    }
  }

  #handle(packet: Uint8Array, client: Client, out: Uint8Array): Handled {
    const { resolve, clock } = this.parts;
    const policy = this.#policy;
    if (!this.admits(client.address)) return undefined;
    const query = readQuery(packet);
    if (query.kind === "malformed") {
      return this.#report(client, query.name, dropped("malformed"));
    }
    const decision = decide(policy, query, clock.now());
    if (decision.kind !== "allow") {
      return this.#reply(query, client, decidedHere(decision, policy.unlisted), out);
    }
    const { rule } = decision;
    const resolution = resolve(query, rule, client.address);
    if (!(resolution instanceof Promise)) {
      return this.#reply(query, client, this.#outcomeOf(query, rule, resolution, false), out);
    }
    if (this.#isFull(rule)) {
      return this.#reply(query, client, resolved(OVERLOAD, rule.name, false), out);
    }
    return this.#replyLater(keepQuery(query), client, resolution, rule);
  }

  #outcomeOf(query: Query, rule: Rule, resolution: Resolution, waited: boolean): Outcome {
    if (resolution.kind !== "budget") return resolved(resolution, rule.name, waited);
    const { unlisted } = this.#policy;
    return { ...decidedHere(deny(this.#policy, query, "budget"), unlisted), rule: rule.name };
  }

  /** What a client gets who was let in by a policy that is no longer in force, and judged by it. */
  #judgeAgain(query: Query, resolution: Resolution): Outcome {
    const decision = decide(this.#policy, query, this.parts.clock.now());
    if (decision.kind !== "allow") return decidedHere(decision, this.#policy.unlisted);
    const { rule } = decision;
    if (resolution.kind !== "answer") return this.#outcomeOf(query, rule, resolution, true);
    if (!comesFrom(resolution, rule)) return resolved(NO_ANSWER, rule.name, true);
    const answer = judgeAnswer(rule, query.type, resolution.answer);
    return resolved({ ...resolution, answer }, rule.name, true);
  }

  /** Below wildcards clients can make up names, so those who wait for them have half of the places. */
  #isFull({ pattern }: Rule): boolean {
    const most = this.#policy.query.inFlight * MOST_WAITING;
    if (this.#waiting >= most) return true;
    return pattern.reach !== "exact" && this.#waitingForWildcards >= most / 2;
  }

  async #replyLater(
    query: Query,
    client: Client,
    resolution: Promise<Resolution>,
    rule: Rule,
  ): Promise<Uint8Array | undefined> {
    const start = this.parts.clock.monotonic();
    const policy = this.#policy;
    const wildcards = rule.pattern.reach === "exact" ? 0 : 1;
    this.#waiting++;
    this.#waitingForWildcards += wildcards;
    try {
      const settled = await resolution;
      if (policy !== this.#policy && !this.admits(client.address)) return undefined;
      const outcome = policy === this.#policy
        ? this.#outcomeOf(query, rule, settled, true)
        : this.#judgeAgain(query, settled);
      const ms = Math.round(this.parts.clock.monotonic() - start);
      return this.#reply(query, client, outcome, this.#lateOut, ms)?.slice();
    } catch (error) {
      return this.#failClosed(error);
    } finally {
      this.#waiting--;
      this.#waitingForWildcards -= wildcards;
    }
  }

  #reply(
    query: Query,
    client: Client,
    outcome: Outcome,
    out: Uint8Array,
    ms = 0,
  ): Uint8Array | undefined {
    this.#report(client, query.name, outcome, query.type, outcome.answer && ms);
    if (outcome.answer === undefined) return undefined;
    const now = this.parts.clock.monotonic();
    return writeReply(out, query, outcome.answer, {
      limit: client.transport === "udp" ? query.udpLimit : MAX_MESSAGE_BYTES,
      age: Math.floor((now - (outcome.since ?? now)) / 1000),
      turn: outcome.turn ?? 0,
    });
  }

  #report(
    client: Pick<Client, "address">,
    name: string | undefined,
    { verdict, reason, answer, rule, upstream, cached }: Outcome,
    type?: number,
    ms?: number,
  ): undefined {
    const { observer } = this.parts;
    if ((verdict === "forward" || verdict === "serve") && !observer.wantsAnswered) return;
    observer.report({
      event: "query",
      client: client.address,
      name,
      type: type === undefined ? undefined : typeName(type),
      verdict,
      rule,
      reason,
      rcode: answer === undefined ? undefined : rcodeName(answer.rcode),
      ms,
      upstream,
      cached,
    });
  }

  #failClosed(error: unknown): undefined {
    const message = `Internal error, query dropped: ${traceOf(error)}`;
    this.parts.observer.report({ event: "error", message });
  }
}
