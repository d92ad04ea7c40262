/** Asking a server, and telling silence from a reply that is still to come. */

import { frameMessages } from "../../src/wire/mod.ts";
import { mapSideBySide } from "../side_by_side.ts";
import { sleep } from "../sleep.ts";
import { readAll, withId } from "./datagrams.ts";
import { Frames } from "./frames.ts";
import type { Question } from "./question.ts";
import { NOTHING, readVerdict, TRUNCATED, type Verdict } from "./verdict.ts";

/** How many questions are under way at a time. */
const BATCH = 96;

/** How many connections are open at a time. */
const CONNECTIONS = 8;

/** After how long a listed name is asked for again where no answer came, and how often; in ms. */
const FENCE_PACE = 250;
const FENCE_TRIES = 80;

/** The same at a server's start: some listen long before they have read a long list. */
const START_TRIES = 2400;

/** How long after a later question was answered a reply may still come, in ms. */
const GRACE = { first: 60, again: 200, long: 600 } as const;

/** IDs of questions count up from 1; those of fences have this bit. */
const FENCE_BIT = 0x8000;

/** A server that is asked. */
export class Asker {
  /** `fence` is a query for a listed name, which the server answers from its cache. */
  constructor(
    readonly title: string,
    readonly address: { readonly hostname: string; readonly port: number },
    readonly fence: Uint8Array,
  ) {}

  /** Waits until a listed name is answered. Rejects where that takes too long. */
  async waitUntilServed(): Promise<void> {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const fences = new Set<number>();
    const reading = readAll(socket, (reply) => void fences.add(reply[0]! << 8 | reply[1]!));
    try {
      await this.#passFence(socket, fences, START_TRIES);
    } finally {
      socket.close();
      await reading;
    }
  }

  /** The verdicts over UDP, in order. What was not answered is asked once more before it counts as silence. */
  async askAll(questions: readonly Question[], isPatient = false): Promise<Verdict[]> {
    const graces = isPatient
      ? [GRACE.again, GRACE.long] as const
      : [GRACE.first, GRACE.again] as const;
    const verdicts: Verdict[] = [];
    for (let at = 0; at < questions.length; at += BATCH) {
      verdicts.push(...await this.#askBatch(questions.slice(at, at + BATCH), graces));
    }
    return verdicts;
  }

  /** The verdicts over TCP, in order. */
  askAllTcp(questions: readonly Question[]): Promise<Verdict[]> {
    return mapSideBySide(questions, CONNECTIONS, (question) => this.askTcp(question));
  }

  /** The verdict over TCP, on a connection of its own. A connection that ends without a reply has said nothing. */
  async askTcp(question: Question, grace: number = GRACE.again): Promise<Verdict> {
    const connection = await Deno.connect(this.address);
    try {
      return await this.#askOn(connection, question, grace);
    } catch (error) {
      // Closed, as with broken framing.
      if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
        return NOTHING;
      }
      throw error;
    } finally {
      connection.close();
    }
  }

  async #askBatch(
    batch: readonly Question[],
    graces: readonly [number, number],
  ): Promise<Verdict[]> {
    const first = await this.#ask(batch, graces[0]);
    const silent = batch.filter((_, i) => first[i] === undefined);
    const again = silent.length === 0 ? [] : await this.#ask(silent, graces[1]);
    const verdicts: Verdict[] = [];
    for (const [i, question] of batch.entries()) {
      const verdict = first[i] ?? again[silent.indexOf(question)];
      verdicts.push(verdict === undefined ? NOTHING : await this.#whole(question, verdict));
    }
    return verdicts;
  }

  /** As a client does: what did not fit is asked for over TCP. */
  #whole(question: Question, verdict: Verdict): Promise<Verdict> | Verdict {
    return verdict === TRUNCATED ? this.askTcp(question) : verdict;
  }

  /** Sends questions and then fences from one socket; undefined for those without a reply. */
  async #ask(
    questions: readonly Question[],
    grace: number,
  ): Promise<(Verdict | undefined)[]> {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const verdicts: (Verdict | undefined)[] = questions.map(() => undefined);
    const fences = new Set<number>();
    const reading = readAll(socket, (reply) => {
      const id = reply[0]! << 8 | reply[1]!;
      if (id >= FENCE_BIT) return void fences.add(id);
      const question = questions[id - 1];
      if (question !== undefined) verdicts[id - 1] = readVerdict(reply, question.type);
    });
    try {
      for (const [i, { packet }] of questions.entries()) {
        await this.#send(socket, withId(packet, i + 1));
      }
      await this.#passFence(socket, fences);
      if (verdicts.includes(undefined)) {
        await sleep(grace);
        await this.#passFence(socket, fences);
      }
    } finally {
      socket.close();
      await reading;
    }
    return verdicts;
  }

  async #send(socket: Deno.DatagramConn, packet: Uint8Array): Promise<void> {
    await socket.send(packet, { transport: "udp", ...this.address });
  }

  /** Asks for a listed name until it is answered: what was sent before has been read by then. */
  async #passFence(
    socket: Deno.DatagramConn,
    fences: Set<number>,
    tries = FENCE_TRIES,
  ): Promise<void> {
    fences.clear();
    for (let i = 0; i < tries; i++) {
      const id = FENCE_BIT | i;
      await this.#send(socket, withId(this.fence, id));
      const end = performance.now() + FENCE_PACE;
      while (performance.now() < end) {
        await sleep(2);
        if (fences.size > 0) return;
      }
    }
    throw new Error(`${this.title} has stopped to answer`);
  }

  async #askOn(connection: Deno.Conn, question: Question, grace: number): Promise<Verdict> {
    for (const one of [withId(question.packet, 1), withId(this.fence, FENCE_BIT)]) {
      await connection.write(frameMessages(one));
    }
    const reader = new Frames(connection, FENCE_PACE * FENCE_TRIES);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      while (true) {
        const frame = await reader.next();
        if (frame === undefined) return NOTHING;
        const id = frame[0]! << 8 | frame[1]!;
        if (id === 1) return readVerdict(frame, question.type);
        // The fence came first: an answer may still follow.
        timer = setTimeout(() => reader.cancel(), grace);
      }
    } finally {
      clearTimeout(timer);
      reader.cancel();
    }
  }
}
