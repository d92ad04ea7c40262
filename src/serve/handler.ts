/** The whole path of one query, on one screen. */

import type { Observer } from "../observe/event.ts";
import { decide, deny, judgeAnswer, type Policy, type Rule } from "../policy/mod.ts";
import { comesFrom, NO_ANSWER, OVERLOAD, type Resolution, type Resolve } from "../resolve/mod.ts";
import { type Clock, traceOf } from "../system/mod.ts";
import {
  keepQuery,
  type MalformedQuery,
  MAX_MESSAGE_BYTES,
  type Query,
  QueryReader,
  rcodeName,
  ReplyBuffer,
  writeReply,
} from "../wire/mod.ts";
import { Moment } from "./moment.ts";
import { decidedHere, DROPPED, nameOf, type Outcome, resolved } from "./outcome.ts";
import { Turns } from "./turns.ts";
import { WaitingClients } from "./waiting_clients.ts";

/** How a query came: it bounds the size of the reply. */
export type ClientTransport = "udp" | "tcp";

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

/** Turns packets into replies. It never throws or rejects: an error in it is reported, the query dropped. */
export class Handler {
  #policy: Policy;
  readonly #waiting = new WaitingClients();
  readonly #reader = new QueryReader();
  readonly #moment: Moment;
  readonly #lateOut = new ReplyBuffer();
  readonly #turns: Turns;

  constructor(readonly parts: HandlerParts) {
    this.#policy = parts.policy;
    this.#moment = new Moment(parts.clock);
    this.#turns = new Turns(parts.clock);
    this.#waiting.limit(this.#policy.query.inFlight);
  }

  /** From the next packet on another policy judges, and those who wait are judged by it once more. */
  reload(policy: Policy): void {
    this.#policy = policy;
    this.#waiting.limit(this.#policy.query.inFlight);
  }

  /** How many queries wait for an upstream. */
  get waiting(): number {
    return this.#waiting.count;
  }

  /** Whether a client may ask at all; one that may not is reported. */
  admits(address: string): boolean {
    if (this.#policy.listen.clients.includes(address)) return true;
    this.#report(address, undefined, DROPPED.client);
    return false;
  }

  /**
   * Handles one packet of a client (its IP address). A reply that is there at once is a view on `out`.
   */
  handle(
    packet: Uint8Array,
    client: string,
    transport: ClientTransport,
    out: ReplyBuffer,
  ): Handled {
    try {
      return this.#handle(packet, client, transport, out);
    } catch (error) {
      return this.#failClosed(error);
    }
  }

  #handle(
    packet: Uint8Array,
    client: string,
    transport: ClientTransport,
    out: ReplyBuffer,
  ): Handled {
    const { resolve } = this.parts;
    const policy = this.#policy;
    if (!this.admits(client)) return undefined;
    const query = this.#reader.read(packet);
    if (query.kind === "malformed") return this.#report(client, query, DROPPED.malformed);
    const moment = this.#moment;
    moment.read();
    const decision = decide(policy, query, moment.now);
    if (decision.kind !== "allow") {
      return this.#reply(query, client, transport, decidedHere(decision, policy.unlisted), out);
    }
    const { rule } = decision;
    const now = moment.monotonic;
    const resolution = resolve(query, rule, client, now);
    if (!(resolution instanceof Promise)) {
      const outcome = this.#outcomeOf(query, rule, resolution, false);
      return this.#reply(query, client, transport, outcome, out, now);
    }
    const leave = this.#waiting.enter(client, rule);
    if (leave === undefined) {
      return this.#reply(query, client, transport, resolved(OVERLOAD, rule, false), out);
    }
    return this.#replyLater(keepQuery(query), client, transport, resolution, rule).finally(leave);
  }

  #outcomeOf(query: Query, rule: Rule, resolution: Resolution, waited: boolean): Outcome {
    if (resolution.kind !== "budget") return resolved(resolution, rule, waited);
    const denied = deny(this.#policy, query.wire, "budget", this.parts.clock.now());
    return { ...decidedHere(denied, this.#policy.unlisted), rule: nameOf(rule) };
  }

  /** What a client gets who was let in by a policy that is no longer in force, and judged by it. */
  #judgeAgain(query: Query, resolution: Resolution): Outcome {
    const decision = decide(this.#policy, query, this.parts.clock.now());
    if (decision.kind !== "allow") return decidedHere(decision, this.#policy.unlisted);
    const { rule } = decision;
    if (resolution.kind !== "answer") return this.#outcomeOf(query, rule, resolution, true);
    if (!comesFrom(resolution, rule)) return resolved(NO_ANSWER, rule, true);
    const answer = judgeAnswer(rule, query.type, resolution.answer);
    return resolved({ ...resolution, answer }, rule, true);
  }

  async #replyLater(
    query: Query,
    client: string,
    transport: ClientTransport,
    resolution: Promise<Resolution>,
    rule: Rule,
  ): Promise<Uint8Array | undefined> {
    const { clock } = this.parts;
    const start = clock.monotonic();
    const policy = this.#policy;
    try {
      const settled = await resolution;
      await this.#turns.take();
      if (policy !== this.#policy && !this.admits(client)) return undefined;
      const outcome = policy === this.#policy
        ? this.#outcomeOf(query, rule, settled, true)
        : this.#judgeAgain(query, settled);
      const now = clock.monotonic();
      const ms = Math.round(now - start);
      return this.#reply(query, client, transport, outcome, this.#lateOut, now, ms)?.slice();
    } catch (error) {
      return this.#failClosed(error);
    }
  }

  /** `now`, of the monotonic clock, is for answers that have an age; `ms` is how long the client has waited. */
  #reply(
    query: Query,
    client: string,
    transport: ClientTransport,
    outcome: Outcome,
    out: ReplyBuffer,
    now = 0,
    ms = 0,
  ): Uint8Array | undefined {
    this.#report(client, query, outcome, ms);
    const { answer, since } = outcome;
    if (answer === undefined) return undefined;
    const limit = transport === "udp" ? query.udpLimit : MAX_MESSAGE_BYTES;
    // `now` may be a fraction of a millisecond old, and the answer newer than that.
    const age = since === undefined ? 0 : Math.max(0, Math.floor((now - since) / 1000));
    return writeReply(out, query, answer, limit, age, outcome.turn);
  }

  #report(
    client: string,
    query: Query | MalformedQuery | undefined,
    { verdict, reason, answer, rule, upstream, cached }: Outcome,
    ms?: number,
  ): undefined {
    const { observer } = this.parts;
    const question = query?.kind === "query" ? query : undefined;
    if (!observer.wantsQuery(verdict, reason, client, question, answer && ms)) return;
    observer.report({
      event: "query",
      client,
      name: query?.name,
      type: question?.typeName,
      verdict,
      rule,
      reason,
      rcode: answer && rcodeName(answer.rcode),
      ms: answer && ms,
      upstream,
      cached,
    });
  }

  #failClosed(error: unknown): undefined {
    const message = `Internal error, query dropped: ${traceOf(error)}`;
    this.parts.observer.report({ event: "error", message });
  }
}
