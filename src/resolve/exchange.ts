/** One question to one upstream: over UDP, TCP or TLS, until it has an outcome. */

import type { Upstream } from "../policy/mod.ts";
import type { Random } from "../system/mod.ts";
import { type Question, type ResponseRead, writeQuestion } from "../wire/mod.ts";
import type { Connections } from "./connections.ts";
import type { Cancel, Outcome, Unreachable } from "./outcome.ts";
import type { Order, Ticks } from "./ticks.ts";
import type { UdpPools } from "./udp.ts";

/**
 * Asks one upstream; `settle` is called once, or never. To be called on a tick: the question leaves at once, and
 * whatever has to follow it on a later tick, in `order`.
 */
export type Exchange = (
  question: Question,
  upstream: Upstream,
  order: Order,
  settle: (outcome: Outcome) => void,
) => Cancel;

/** What an exchange needs. */
export interface ExchangeParts {
  readonly random: Random;
  readonly ticks: Ticks;
  readonly connections: Connections;
  readonly pools: UdpPools;
  /** Called when an upstream has said anything that was meant for us. */
  readonly onReply: (upstream: Upstream) => void;
}

/** Makes the exchange that every question goes through. */
export function createExchange(parts: ExchangeParts): Exchange {
  const { random, ticks, connections, pools, onReply } = parts;

  /** Every try has a new ID and a new letter case. */
  const write = (question: Question, { isTrusted, transport }: Upstream, id: number) =>
    writeQuestion(question, id, isTrusted, random, transport === "tls");

  const overStream: Exchange = (question, upstream, order, settle) =>
    connections.ask(upstream, {
      write: (id) => write(question, upstream, id),
      order,
      settle: (read) => {
        if (read.kind === "unreachable") return settle(read);
        onReply(upstream);
        settle(outcomeOf(read, upstream) ?? TRUNCATED_OVER_TCP);
      },
    });

  const overUdp: Exchange = (question, upstream, order, settle) => {
    let cancel: Cancel = pools.ask(
      upstream.address,
      (id) => write(question, upstream, id),
      (read) => {
        if (read.kind === "unreachable") return settle(read);
        onReply(upstream);
        const outcome = outcomeOf(read, upstream);
        if (outcome !== undefined) return settle(outcome);
        cancel = ticks.soon(order, () => {
          cancel = overStream(question, upstream, order, settle);
        });
      },
    );
    return () => cancel();
  };

  return (question, upstream, order, settle) =>
    (upstream.transport === "udp" ? overUdp : overStream)(question, upstream, order, settle);
}

const TRUNCATED_OVER_TCP: Unreachable = { kind: "unreachable", problem: "truncated over TCP" };

/** The outcome in a response; undefined where it only says "ask again over TCP". */
function outcomeOf(read: ResponseRead, { isTrusted }: Upstream): Outcome | undefined {
  switch (read.kind) {
    case "answer": {
      const authenticated = read.answer.authenticated && isTrusted;
      return { kind: "answer", answer: { ...read.answer, authenticated } };
    }
    case "failure":
      return { kind: "failure" };
    case "truncated":
    case "case":
    case "ignored":
      return undefined;
  }
}
