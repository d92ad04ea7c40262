/** What clients ask: names by how popular they are, over UDP and TCP, in the ways of all kinds of stubs. */

import { opt, option, query } from "../../tests/support/packets.ts";
import type { SeededRandom } from "../../tests/support/seeded_random.ts";
import type { Checker } from "./checker.ts";
import type { Asked } from "./judge.ts";
import { malform } from "./malformed.ts";
import type { Waiting } from "./pending.ts";
import { Connection, FreshSockets, KeptSocket, type Stub } from "./stubs.ts";
import { type Group, GROUPS, nameOf, TYPES, unlistedName } from "./world.ts";
import { sleep } from "../sleep.ts";

/** How many questions of each kind there are in a second; `sweep` asks for the names of the list one by one. */
export const RATES: Readonly<Record<Group | "sweep" | "type" | "unlisted" | "malformed", number>> =
  {
    forward: 120,
    list: 120,
    sweep: 80,
    hermetic: 40,
    wildcard: 15,
    tcp: 20,
    flip: 60,
    type: 15,
    unlisted: 30,
    malformed: 10,
  };

/** How often questions leave, and how long a client waits for its reply, in ms: glibc's. */
const EVERY = 20;
const PATIENCE = 5000;

/** How many second tries leave at once. */
const AGAIN = 8;

/** Who is later than that with its questions does not read replies either, in ms. */
const LATE = 250;

/** HTTPS, TXT, MX, and one that nobody knows. */
const OTHER_TYPES = [65, 16, 15, 65_280];

const DO_FLAG = 0x8000;

/** Clients that ask until they are told to stop. */
export class Traffic {
  readonly #stubs: readonly Stub[];
  readonly #due = new Map<keyof typeof RATES, number>();
  readonly #start: number;
  readonly #again: Waiting[] = [];
  #swept = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastAt = 0;

  /** `load` is a share of the usual rates; `start` is when the soak began, in ms since 1970. */
  constructor(
    server: Deno.NetAddr,
    readonly checker: Checker,
    readonly random: SeededRandom,
    readonly load: number,
    start: number,
  ) {
    this.#start = start;
    const listener = {
      onReply: (waiting: Waiting | undefined, reply: Uint8Array) => this.#take(waiting, reply),
      onLost: (waiting: Waiting) => this.#giveUp(waiting),
    };
    const socket = (i: number) => new KeptSocket(`127.0.0.${11 + i}`, server, listener);
    const connection = (i: number, questions: number) =>
      new Connection(`127.0.0.${21 + i}`, server, listener, questions);
    const fresh = new FreshSockets("127.0.0.16", server, listener);
    // Most ask over UDP. Who opens a connection for each question must not have the most of all clients, or it is its
    // own that make way for others.
    this.#stubs = [
      ...repeat(4, [0, 1, 2, 3, 4].map(socket)),
      ...repeat(4, [fresh]),
      ...repeat(3, [connection(0, Infinity), connection(1, 500)]),
      connection(2, 1),
    ];
  }

  /** Asks from now on. */
  begin(): void {
    this.#lastAt = this.now;
    this.#timer = setInterval(() => this.#turn(), EVERY);
  }

  /** Asks no more, and waits for what is still to come. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    // A first try and a second.
    const over = this.now + 2 * PATIENCE + 500;
    while (this.now < over) {
      await sleep(EVERY);
      this.#giveUpOld();
      this.#askAgain();
    }
    for (const stub of new Set(this.#stubs)) stub.close();
  }

  /** In ms since the start. */
  get now(): number {
    return Date.now() - this.#start;
  }

  #turn(): void {
    const { now } = this;
    const late = now - this.#lastAt;
    const seconds = Math.min(LATE, late) / 1000;
    if (late > LATE) {
      this.checker.facts.starved.begin(this.#lastAt);
      this.checker.facts.starved.end(now);
    }
    this.#lastAt = now;
    for (const [kind, rate] of Object.entries(RATES) as [keyof typeof RATES, number][]) {
      let due = (this.#due.get(kind) ?? 0) + rate * this.load * seconds;
      for (; due >= 1; due--) this.#ask(kind);
      this.#due.set(kind, due);
    }
    // What has come meanwhile was not read yet.
    if (late <= LATE) this.#giveUpOld();
    this.#askAgain();
  }

  #ask(kind: keyof typeof RATES): void {
    const stub = this.#pick(this.#stubs);
    const { transport } = stub;
    const asked = { ...this.#question(kind), transport, at: this.now, attempt: 1 };
    // A stream that is broken would take the other questions with it.
    const isMalformed = asked.what === "malformed" && transport === "udp";
    const packet = this.#packet(asked);
    if (asked.what === "malformed" && !isMalformed) return;
    this.#send(stub, asked, isMalformed ? malform(packet, this.random) : packet);
  }

  #question(kind: keyof typeof RATES): Pick<Asked, "name" | "type" | "what" | "group"> {
    const { random } = this;
    const type = this.#pick(TYPES);
    switch (kind) {
      case "sweep": {
        const index = this.#swept++ >> 1;
        const name = nameOf("list", index % GROUPS.list.names);
        return { name, type: TYPES[this.#swept & 1]!, what: "plain", group: "list" };
      }
      case "unlisted":
        return { name: unlistedName(random), type, what: "unlisted", group: undefined };
      case "type":
        return {
          name: this.#popular("list"),
          type: this.#pick(OTHER_TYPES),
          what: kind,
          group: "list",
        };
      case "malformed":
        return { name: this.#popular("list"), type, what: kind, group: "list" };
      default:
        return { name: this.#popular(kind), type, what: "plain", group: kind };
    }
  }

  /** By Zipf's law: the second is asked for half as often as the first. */
  #popular(group: Group): string {
    const { names } = GROUPS[group];
    const rank = Math.exp(this.random.uint16() / 65_536 * Math.log(names + 1));
    return nameOf(group, Math.floor(rank) - 1);
  }

  #packet({ name, type }: Asked): Uint8Array {
    const { random } = this;
    const isMixed = random.below(3) === 0;
    const text = isMixed
      ? [...name].map((c) => random.below(2) === 0 ? c.toUpperCase() : c).join("")
      : name;
    const cookie = option(10, Array.from({ length: 8 }, () => random.below(256)));
    const rest = [[], [], opt(), opt({ options: cookie }), opt({ flags: DO_FLAG, size: 4096 })];
    return query({ name: text, type, rest: this.#pick(rest) });
  }

  #send(stub: Stub, asked: Asked, packet: Uint8Array): void {
    this.checker.tally.ask(asked);
    stub.ask(asked, packet);
  }

  #take(waiting: Waiting | undefined, reply: Uint8Array): void {
    if (waiting === undefined) return this.checker.stray(reply);
    const { outcome } = this.checker.reply(waiting, reply, this.now);
    if (outcome !== "truncated") return;
    const stub = this.#pick(this.#stubs.filter(({ transport }) => transport === "tcp"));
    this.#send(stub, { ...waiting.asked, transport: "tcp", at: this.now }, waiting.packet);
  }

  #giveUpOld(): void {
    const stubs = new Set(this.#stubs);
    const old = [...stubs].flatMap((stub) => stub.takeOlder(this.now - PATIENCE));
    for (const waiting of old) this.#giveUp(waiting);
  }

  #giveUp({ asked, packet }: Waiting): void {
    const { outcome } = this.checker.silence(asked, this.now);
    if (outcome !== "excused" || asked.attempt > 1) return;
    this.#again.push({ asked, packet });
  }

  /** Few at a time: all that a flood has cost would be a flood itself. */
  #askAgain(): void {
    for (const { asked, packet } of this.#again.splice(0, AGAIN)) {
      const stub = this.#pick(this.#stubs.filter(({ transport }) => transport === asked.transport));
      this.#send(stub, { ...asked, at: this.now, attempt: 2 }, packet);
    }
  }

  #pick<T>(all: readonly T[]): T {
    return all[this.random.below(all.length)]!;
  }
}

function repeat<T>(times: number, some: readonly T[]): T[] {
  return Array.from({ length: times }, () => some).flat();
}
