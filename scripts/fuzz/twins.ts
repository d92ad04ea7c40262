/**
 * Two firewalls that differ in nothing. One gets what clients send; the other, for what asks for something that is listed,
 * a query that says no more than that, and nothing for the rest. Upstream nobody may see a difference.
 */

import type { SocketAddress } from "../../src/system/mod.ts";
import { query } from "../../tests/support/packets.ts";
import type { Sight } from "../../tests/support/simulation.ts";
import { type Due, policyOf } from "./listed.ts";
import { answerInAllShapes } from "./upstream.ts";
import { LONGEST, World } from "./world.ts";

const UNLISTED = ["drop", "refused", "nxdomain"] as const;

/** What the policy says of names that are not listed. */
export type Unlisted = (typeof UNLISTED)[number];

/** All floors are over after this, and every connection is idle; in ms. */
const A_WHILE = 31_000;

/** Both firewalls. */
export class Twins {
  #rounds = 0;

  constructor(readonly unlisted: Unlisted, readonly worlds: readonly [World, World]) {}

  /**
   * What so many packets have caused takes place: questions leave, answers come. Now and then floors are over. The twin
   * gets its packets when all is over for the other one: what the program were to keep for both would tell them apart.
   */
  async pass(packets: number, sendToTwin: (twin: World) => void): Promise<void> {
    this.#rounds++;
    const ms = LONGEST + (this.#rounds % 8 === 0 ? A_WHILE : 0);
    const [world, twin] = this.worlds;
    await world.settle(packets);
    await world.advance(ms);
    sendToTwin(twin);
    await twin.settle(packets);
    await twin.advance(ms);
  }

  /** Sends the twin the plain query for what is due, if that is anything listed. */
  sendPlain(due: Due, from: SocketAddress): void {
    if (due.kind !== "listed") return;
    this.worlds[1].send(query({ id: 0, name: due.name, type: due.type }), from);
  }

  /** What the upstream saw of one firewall and not of the other since this was called last. */
  difference(): string | undefined {
    const [world, twin] = this.worlds;
    const [seen, expected] = [world.takeTrace(), twin.takeTrace()].map((trace) =>
      trace.map(tell)
    ) as [string[], string[]];
    twin.takeEvents();
    twin.takeReplies();
    const at = seen.findIndex((sight, i) => sight !== expected[i]);
    if (at === -1 && seen.length === expected.length) return undefined;
    return `the upstream saw ${seen[at] ?? "less"}, and without what clients choose ${
      expected[at === -1 ? seen.length : at] ?? "nothing"
    }`;
  }
}

function tell({ at, port, how, to, bytes }: Sight): string {
  return `${at} ${port} ${how} ${to} ${bytes}`;
}

/** The twins that are open. */
export class OpenTwins {
  #opened = 0;
  #twins: Promise<Twins> | undefined;

  /** Each time that all begins anew the policy has another `unlisted`, where none is named. */
  constructor(readonly unlisted?: Unlisted) {}

  /** Opens them where they are not. */
  open(): Promise<Twins> {
    return this.#twins ??= openTwins(this.unlisted ?? UNLISTED[this.#opened++ % UNLISTED.length]!);
  }

  renew(): void {
    this.#twins = undefined;
  }
}

async function openTwins(unlisted: Unlisted): Promise<Twins> {
  const toml = policyOf(unlisted);
  const worlds = [new World(toml, answerInAllShapes), new World(toml, answerInAllShapes)] as const;
  for (const world of worlds) await world.begin();
  return new Twins(unlisted, worlds);
}
