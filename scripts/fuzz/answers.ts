/**
 * What upstreams say to a question that was really asked. The first part of an input is text, `A udp good` for one: the
 * type, how the upstream is asked, and whether the right answer comes after all. The other parts are messages that come
 * before it, to the question for `n00.example`: an ID of 0 is the right one, and so are small letters.
 */

import { opt, query, u16 } from "../../tests/support/packets.ts";
import { questionIn } from "../../tests/support/scripted_upstream.ts";
import type { Simulation } from "../../tests/support/simulation.ts";
import { respond } from "../../tests/support/upstream_answers.ts";
import { changeBytes } from "./change_bytes.ts";
import type { Dice } from "./dice.ts";
import { goodAnswer } from "./good_answer.ts";
import { judgeAnswered } from "./judge_answered.ts";
import { anyAnswer, ASKED_TYPES } from "./make_answer.ts";
import { cpuTime, type Input, type Outcome, type Target } from "./target.ts";
import { ClientPorts, errorIn, LONGEST, World } from "./world.ts";

const TOGETHER = 40;

/** After a connection that has failed the next one waits, for no longer than this (ms): the next round must not. */
const PAUSE = 1500;

const INDEXES = Array.from({ length: TOGETHER }, (_, i) => i);

/** Each name has an upstream of its own: over a connection that they share, one could spoil it for the others. */
const TOML = `types = ${JSON.stringify([...ASKED_TYPES.keys()])}
[cache]
min_ttl = "1s"
max_ttl = "1s"
stale = "0s"
${
  INDEXES.map((i) =>
    `[[upstream]]
name = "u${i}"
address = "${addressOf(i)}"
[[rule]]
name = "${nameOf(i)}"
upstream = "u${i}"
`
  ).join("")
}`;

function addressOf(index: number): string {
  return `192.0.2.${53 + index}:53`;
}

/** The name of the n-th input of a round. */
function nameOf(index: number): string {
  return `n${String(index).padStart(2, "0")}.example`;
}

/** One input, read, and what has become of it. */
export interface Exchange {
  readonly type: number;
  readonly transport: "udp" | "tcp";
  readonly isGood: boolean;
  readonly messages: readonly Uint8Array[];
  readonly index: number;
  /** Questions over UDP so far. */
  tries: number;
  /** What has been said to which question, over which transport. */
  readonly said: { message: Uint8Array; asked: Uint8Array; transport: "udp" | "tcp" }[];
}

/** Tries messages of upstreams. */
export class Answers implements Target {
  readonly kind = "answer";
  readonly together = TOGETHER;
  cost = 0;
  #world: Promise<World> | undefined;
  #exchanges = new Map<string, Exchange>();
  readonly #ports = new ClientPorts();
  #seen: Uint8Array[] = [];

  make(dice: Dice, seeds: readonly Input[]): Input {
    const others = seeds.flatMap(([, ...messages]) => messages);
    const [how, ...messages] = dice.oneIn(3) ? dice.pick(seeds) : this.#compose(dice);
    return [
      how!,
      ...messages.map((one) => dice.oneIn(2) ? one : changeBytes(dice, one, others)),
    ];
  }

  renew(): void {
    this.#world = undefined;
  }

  takeReplies(): Uint8Array[] {
    return this.#seen.splice(0);
  }

  async tryAll(inputs: readonly Input[]): Promise<Outcome[]> {
    const world = await (this.#world ??= this.#open());
    const exchanges = inputs.map(readExchange);
    this.#exchanges = new Map(exchanges.map((one) => [nameOf(one.index), one]));
    const before = cpuTime();
    const client = world.connect({ hostname: "127.0.0.1", port: this.#ports.next() }, 65_537);
    const queries = exchanges.map(({ index, type }) =>
      query({ id: index, name: nameOf(index), type, rest: opt() })
    );
    for (const one of queries) client.send(Uint8Array.from([...u16(one.length), ...one]));
    await world.settle(2 * queries.length);
    await world.advance(LONGEST + PAUSE);
    client.send(null);
    await world.settle(8);
    this.cost = cpuTime() - before;
    const error = errorIn(world.takeEvents());
    world.takeTrace();
    const replies = repliesIn(client.received);
    this.#seen.push(...replies);
    return exchanges.map((one) => {
      const own = replies.filter((reply) => reply[0] === 0 && reply[1] === one.index);
      const outcome = judgeAnswered(one, queries[one.index]!, own);
      return { ...outcome, problem: error ?? outcome.problem };
    });
  }

  #compose(dice: Dice): Uint8Array[] {
    const type = dice.pick([...ASKED_TYPES.keys(), "A", "A", "AAAA", "HTTPS"]);
    const how = `${type} ${dice.oneIn(4) ? "tcp" : "udp"}${dice.oneIn(2) ? " good" : ""}`;
    const count = dice.pick([1, 1, 1, 2, 5]);
    return [
      new TextEncoder().encode(how),
      ...Array.from({ length: count }, () => anyAnswer(dice, ASKED_TYPES.get(type)!)),
    ];
  }

  async #open(): Promise<World> {
    const world = new World(TOML, (simulation) => this.#answer(simulation));
    await world.begin();
    return world;
  }

  /** What has been said is not said again: over UDP later tries hear nothing, so that a question has to last. */
  #answer(simulation: Simulation): void {
    for (const i of INDEXES) this.#answerAt(addressOf(i), simulation);
  }

  #answerAt(address: string, { network, clock }: Simulation): void {
    network.onUdp(address, ({ bytes }, reply) => {
      if (bytes[12] === 0) return reply(respond(bytes));
      const exchange = this.#exchangeOf(bytes);
      if (exchange === undefined) return;
      if (exchange.transport === "tcp") return reply(respond(bytes, { flags: 0x8380 }));
      for (const message of say(exchange, bytes, "udp")) reply(message);
      const isFirst = exchange.tries++ === 0;
      if (exchange.isGood && isFirst) {
        clock.setTimer(100, () => reply(goodAnswer(bytes, exchange.type)));
      }
    });
    network.onTcp(address, (bytes) => {
      const exchange = this.#exchangeOf(bytes);
      if (exchange === undefined) return Promise.resolve(null);
      const messages = exchange.transport === "tcp" ? say(exchange, bytes, "tcp") : [];
      if (exchange.isGood) messages.push(goodAnswer(bytes, exchange.type));
      return Promise.resolve(messages.length > 0 ? messages : null);
    });
  }

  #exchangeOf(asked: Uint8Array): Exchange | undefined {
    const [name = "", type = ""] = questionIn(asked).split(" ");
    const exchange = this.#exchanges.get(name);
    return exchange?.type === ASKED_TYPES.get(type) ? exchange : undefined;
  }
}

function readExchange([how, ...messages]: Input, index: number): Exchange {
  const [type = "", transport, good] = new TextDecoder().decode(how).split(" ");
  return {
    type: ASKED_TYPES.get(type) ?? 1,
    transport: transport === "tcp" ? "tcp" : "udp",
    isGood: good === "good",
    messages,
    index,
    tries: 0,
    said: [],
  };
}

/** The messages that are still to be said, made fit for the question as it was asked. */
function say(exchange: Exchange, asked: Uint8Array, transport: "udp" | "tcp"): Uint8Array[] {
  const { said, index } = exchange;
  const messages = said.length > 0
    ? []
    : exchange.messages.map((message) => fit(message, asked, index));
  said.push(...messages.map((message) => ({ message, asked: asked.slice(), transport })));
  return messages;
}

/** The ID and the letters of the question as they were asked, where they are right; and the asked name everywhere. */
function fit(message: Uint8Array, asked: Uint8Array, index: number): Uint8Array {
  const fitted = message.slice();
  const [tens, ones] = [48 + Math.floor(index / 10), 48 + index % 10];
  for (let at = 0; at + 4 <= fitted.length; at++) {
    const isName = fitted[at] === 3 && (fitted[at + 1]! | 0x20) === 0x6e &&
      fitted[at + 2] === 48 && fitted[at + 3] === 48;
    if (isName) fitted.set([tens, ones], at + 2);
  }
  for (const at of [0, 1]) if (at < fitted.length) fitted[at] = fitted[at]! ^ asked[at]!;
  for (let at = 12; at < Math.min(fitted.length, asked.length - 15); at++) {
    const isLetter = (asked[at]! | 0x20) >= 0x61 && (asked[at]! | 0x20) <= 0x7a;
    if (isLetter) fitted[at] = fitted[at]! ^ (0x20 & ~asked[at]!);
  }
  return fitted;
}

function repliesIn(chunks: readonly Uint8Array[]): Uint8Array[] {
  const bytes = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  const replies: Uint8Array[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!;
    replies.push(bytes.slice(at + 2, end));
    at = end;
  }
  return replies;
}
