/** Packets of clients over UDP, as they are and damaged. */

import { opt, query } from "../../tests/support/packets.ts";
import { anyOptions, changeBytes } from "./change_bytes.ts";
import type { Dice } from "./dice.ts";
import { judgeReply } from "./judge_reply.ts";
import { type Due, dueTo, NAMES } from "./listed.ts";
import { cpuTime, type Input, type Outcome, type Target } from "./target.ts";
import { OpenTwins, type Unlisted } from "./twins.ts";
import { ClientPorts, errorIn, queriesIn, type World } from "./world.ts";

const TYPES = [1, 1, 1, 28, 28, 65, 16, 12, 64, 5, 2, 6, 15, 33, 35, 41, 255, 252, 250, 0, 65_280];

/** A plain query for one of the names, with all that a client may choose. */
export function plainQuery(dice: Dice): Uint8Array {
  const name = [...dice.pick(NAMES)]
    .map((c) => dice.oneIn(3) ? c.toUpperCase() : c).join("");
  return query({
    id: dice.below(65_536),
    name,
    type: dice.pick(TYPES),
    flags: dice.pick([0x0100, 0x0120, dice.below(65_536) & 0x07ff]),
    rest: dice.oneIn(3) ? [] : opt({
      size: dice.pick([512, 1232, 4096, dice.number()]),
      flags: dice.pick([0, 0x8000, dice.below(65_536)]),
      options: dice.oneIn(2) ? [] : anyOptions(dice),
    }),
  });
}

/** Where the question of a plain query ends. */
export function endOfQuestion(packet: Uint8Array): number {
  let at = 12;
  while (packet[at]! > 0) at += 1 + packet[at]!;
  return at + 5;
}

interface Sent {
  readonly packet: Uint8Array;
  readonly due: Due;
  readonly port: number;
}

/** Clients have addresses of loopback; of the last one nothing is taken. */
const CLIENTS = ["127.0.0.1", "127.0.0.2", "127.9.9.9", "192.0.2.77"];

/** Tries packets over UDP. */
export class Packets implements Target {
  readonly kind = "packet";
  readonly together = 64;
  cost = 0;
  readonly #twins: OpenTwins;
  #ports = new ClientPorts();
  #seen: Uint8Array[] = [];

  /** `unlisted` is as in the policy; each time that all begins anew another one where it is not named. */
  constructor(unlisted?: Unlisted) {
    this.#twins = new OpenTwins(unlisted);
  }

  make(dice: Dice, seeds: readonly Input[]): Input {
    const others = seeds.map(([packet]) => packet!);
    const base = dice.oneIn(2) ? plainQuery(dice) : dice.pick(others);
    return [dice.oneIn(4) ? base : changeBytes(dice, base, others)];
  }

  renew(): void {
    this.#twins.renew();
    this.#ports = new ClientPorts();
  }

  takeReplies(): Uint8Array[] {
    return this.#seen.splice(0);
  }

  async tryAll(inputs: readonly Input[]): Promise<Outcome[]> {
    const twins = await this.#twins.open();
    const { unlisted, worlds: [world] } = twins;
    const sent = inputs.map(([packet]) => this.#send(packet!, world));
    const before = cpuTime();
    await twins.pass(2 * inputs.length, () => {
      for (const { due, port } of sent) twins.sendPlain(due, { hostname: clientOf(port), port });
    });
    this.cost = cpuTime() - before;
    const events = world.takeEvents();
    const queries = queriesIn(events);
    const error = errorIn(events) ?? twins.difference();
    const replies = Map.groupBy(world.takeReplies(), ({ port }) => port);
    if (queries.length < inputs.length) return this.#all(inputs, "not every packet was handled");
    return sent.map((one) => {
      const got = (replies.get(one.port) ?? []).map(({ bytes }) => bytes);
      this.#seen.push(...got);
      const told = queries.find(({ client }) => client === clientOf(one.port));
      return {
        word: inputs.length > 1 || told === undefined ? "" : `${told.verdict} ${told.reason}`,
        problem: error ?? judge(one, got, unlisted),
      };
    });
  }

  #send(packet: Uint8Array, world: World): Sent {
    const port = this.#ports.next();
    const from = { hostname: clientOf(port), port };
    const isClient = from.hostname.startsWith("127.");
    const due: Due = isClient ? dueTo(packet) : { kind: "malformed" };
    world.send(packet, from);
    return { packet, due, port };
  }

  #all(inputs: readonly Input[], problem: string): Outcome[] {
    return inputs.map(() => ({ word: "", problem }));
  }
}

function clientOf(port: number): string {
  return CLIENTS[port % 40 === 0 ? 3 : port % 3]!;
}

function judge(
  { packet, due }: Sent,
  replies: readonly Uint8Array[],
  unlisted: Unlisted,
): string | undefined {
  const isDropped = due.kind === "malformed" || (due.kind === "unlisted" && unlisted === "drop");
  if (replies.length !== (isDropped ? 0 : 1)) return `${replies.length} replies (${due.kind})`;
  if (replies.length === 0) return undefined;
  const [reply] = replies as [Uint8Array];
  const records = (reply[6]! << 8) | reply[7]!;
  if (records > 0 && (due.kind === "unlisted" || due.kind === "type")) return "data for nobody";
  return judgeReply(packet, endOfQuestion(packet), reply, "udp");
}
