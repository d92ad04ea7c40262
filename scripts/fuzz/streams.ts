/** What clients send over TCP: messages in frames, some of them damaged, cut anywhere. A part is what comes in one go. */

import type { SocketAddress } from "../../src/system/mod.ts";
import { changeBytes } from "./change_bytes.ts";
import type { Dice } from "./dice.ts";
import { judgeReply } from "./judge_reply.ts";
import { type Due, dueTo } from "./listed.ts";
import { endOfQuestion, plainQuery } from "./packets.ts";
import { cpuTime, type Input, type Outcome, type Target } from "./target.ts";
import { OpenTwins, type Unlisted } from "./twins.ts";
import { ClientPorts, type Connection, errorIn, type World } from "./world.ts";

/** As many bytes as the firewall reads at once. */
const READ = 4096;

/** More messages than this on one connection would have to wait for each other. */
const MOST_MESSAGES = 40;

/** Into so many pieces a stream is cut. */
const MOST_CHUNKS = 100;

function framed(message: Uint8Array): number[] {
  return [message.length >> 8, message.length & 255, ...message];
}

/** The messages that a stream holds, up to where its framing breaks: then all of that read is lost. */
function messagesIn(chunks: Input): { messages: Uint8Array[]; isBroken: boolean } {
  const messages: Uint8Array[] = [];
  let rest: number[] = [];
  for (const chunk of beforeEnd(chunks)) {
    for (let from = 0; from < chunk.length; from += READ) {
      rest.push(...chunk.subarray(from, from + READ));
      const found: Uint8Array[] = [];
      while (rest.length >= 2) {
        const length = rest[0]! * 256 + rest[1]!;
        if (length === 0) return { messages, isBroken: true };
        if (rest.length < 2 + length) break;
        found.push(Uint8Array.from(rest.slice(2, 2 + length)));
        rest = rest.slice(2 + length);
      }
      messages.push(...found);
    }
  }
  return { messages, isBroken: false };
}

/** The chunks up to the empty one, which stands for the stream's end. */
function beforeEnd(chunks: Input): Input {
  const end = chunks.findIndex((chunk) => chunk.length === 0);
  return end === -1 ? chunks : chunks.slice(0, end);
}

interface Sent {
  readonly connection: Connection;
  readonly from: SocketAddress;
  readonly messages: readonly { readonly packet: Uint8Array; readonly due: Due }[];
  readonly isBroken: boolean;
}

/** Tries streams over TCP. */
export class Streams implements Target {
  readonly kind = "stream";
  readonly together = 12;
  cost = 0;
  readonly #twins: OpenTwins;
  readonly #ports = new ClientPorts();
  #seen: Uint8Array[] = [];

  /** `unlisted` is as in the policy; each time that all begins anew another one where it is not named. */
  constructor(unlisted?: Unlisted) {
    this.#twins = new OpenTwins(unlisted);
  }

  make(dice: Dice, seeds: readonly Input[]): Input {
    if (dice.oneIn(3)) {
      const chunks = [...dice.pick(seeds)];
      const at = dice.below(chunks.length);
      chunks[at] = changeBytes(dice, chunks[at]!, dice.pick(seeds));
      return chunks.slice(0, MOST_MESSAGES);
    }
    const bytes: number[] = [];
    for (let left = 1 + dice.below(dice.pick([2, 6, MOST_MESSAGES])); left > 0; left--) {
      const plain = plainQuery(dice);
      bytes.push(...framed(dice.oneIn(3) ? changeBytes(dice, plain, []) : plain));
      if (dice.oneIn(40)) bytes.push(...dice.pick([[0, 0], [255, 255], [0], [0, 1, 7]]));
    }
    return cut(dice, Uint8Array.from(bytes));
  }

  renew(): void {
    this.#twins.renew();
  }

  takeReplies(): Uint8Array[] {
    return this.#seen.splice(0);
  }

  async tryAll(inputs: readonly Input[]): Promise<Outcome[]> {
    const twins = await this.#twins.open();
    const { unlisted, worlds: [world] } = twins;
    const before = cpuTime();
    const sent: Sent[] = [];
    for (const chunks of inputs) sent.push(await this.#send(chunks, world));
    const messages = sent.reduce((sum, one) => sum + one.messages.length, 0);
    await twins.pass(8 * (messages + inputs.flat().length), () => {
      for (const one of sent) {
        for (const { due } of one.messages) twins.sendPlain(due, one.from);
      }
    });
    this.cost = cpuTime() - before;
    const problem = errorIn(world.takeEvents()) ?? twins.difference();
    const open = sent.map(({ connection }) => !connection.isClosed);
    for (const { connection } of sent) connection.send(null);
    await world.settle(64);
    return sent.map((one, i) => {
      const outcome = this.#judge(one, open[i]!, unlisted);
      return { ...outcome, problem: problem ?? outcome.problem };
    });
  }

  async #send(chunks: Input, world: World): Promise<Sent> {
    const port = this.#ports.next();
    const from = { hostname: `127.0.0.${1 + port % 200}`, port };
    const { messages, isBroken } = messagesIn(chunks);
    const connection = world.connect(from, 1 + (7 * chunks.length) % 90);
    const some = beforeEnd(chunks);
    for (const chunk of some) connection.send(chunk);
    if (some.length < chunks.length) connection.send(null);
    // The next connection comes when all of this one has been read: nothing overtakes anything.
    await world.settle(4 * (some.length + messages.length) + 8);
    const all = messages.map((packet) => ({ packet, due: dueTo(packet) }));
    return { connection, from, messages: all, isBroken };
  }

  /** `isOpen`: whether the connection was, before we closed it. */
  #judge({ connection, messages, isBroken }: Sent, isOpen: boolean, unlisted: Unlisted): Outcome {
    const bytes = Uint8Array.from(connection.received.flatMap((chunk) => [...chunk]));
    const { messages: replies } = messagesIn([bytes]);
    this.#seen.push(...replies);
    const word = `${replies.length} replies${isOpen ? "" : ", closed"}`;
    const left = messages.filter(({ due: { kind } }) =>
      kind !== "malformed" && (kind !== "unlisted" || unlisted !== "drop")
    );
    let size = 0;
    for (const reply of replies) {
      size += 2 + reply.length;
      const problems = left.map(({ packet }) =>
        judgeReply(packet, endOfQuestion(packet), reply, "tcp")
      );
      const at = problems.indexOf(undefined);
      if (at === -1) return { word, problem: `a reply to nobody: ${problems[0]}` };
      left.splice(at, 1);
    }
    if (isBroken) return { word, problem: isOpen ? "broken, but open" : undefined };
    if (size !== bytes.length) return { word, problem: "replies whose framing is broken" };
    return { word, problem: left.length > 0 ? `${left.length} replies missing` : undefined };
  }
}

/** A stream in pieces, as a network may cut it; with or without an end. */
function cut(dice: Dice, bytes: Uint8Array): Input {
  const chunks: Uint8Array[] = [];
  const most = dice.pick([1, 3, 20, 300, bytes.length + 1]);
  for (let at = 0; at < bytes.length && chunks.length < MOST_CHUNKS;) {
    const size = chunks.length === MOST_CHUNKS - 1 ? bytes.length : 1 + dice.below(most);
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return dice.oneIn(2) ? [...chunks, new Uint8Array()] : chunks;
}
