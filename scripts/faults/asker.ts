/** A client that asks for many names at a steady rate, each once, and waits for each as long as a stub resolver does. */

import { Buffer } from "node:buffer";
import packet from "dns-packet";
import { query } from "../../tests/support/packets.ts";
import { readMessage } from "../../tests/support/real_upstream.ts";
import { percentile } from "../bench/stats.ts";
import { addressAt, nameAt } from "./names.ts";
import { sleep } from "../sleep.ts";

/** How long a client waits, in ms: glibc gives up after 5 s. */
export const PATIENCE = 4500;

/** How late a reply may be read, in ms: this process has more to do than a client has. */
const GRACE = 100;

/** What became of one question. */
export interface Heard {
  /** `answer`: the right address. `wrong`: another one, or none. */
  readonly kind: "answer" | "servfail" | "wrong";
  /** From when it was sent, in ms. */
  readonly ms: number;
}

/** A client of one server; it hears of each question by the number of its name. */
export class Asker {
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly #waiting = new Map<number, { number: number; sent: number; hear(h: Heard): void }>();
  #id = 0;

  constructor(readonly server: Deno.NetAddr) {
    void this.#receive();
  }

  /** Asks for one name; resolves with what comes within {@linkcode PATIENCE}, or undefined. */
  async ask(number: number): Promise<Heard | undefined> {
    const id = this.#id = (this.#id + 1) & 0xffff;
    const heard = new Promise<Heard | undefined>((resolve) => {
      let timer = setTimeout(() => {
        // What has come by now but was not read yet, because this process was busy, is read first.
        timer = setTimeout(() => {
          this.#waiting.delete(id);
          resolve(undefined);
        }, GRACE);
      }, PATIENCE);
      const hear = (one: Heard): void => {
        clearTimeout(timer);
        resolve(one);
      };
      this.#waiting.set(id, { number, sent: performance.now(), hear });
    });
    await this.#socket.send(query({ id, name: nameAt(number) }), this.server).catch(() => {});
    return await heard;
  }

  /** The same over TCP, on a connection of its own. */
  async askOverTcp(number: number): Promise<Heard | undefined> {
    const sent = performance.now();
    const { hostname, port } = this.server;
    const asked = query({ name: nameAt(number) });
    let connection: Deno.Conn | undefined;
    const ask = async (): Promise<Heard | undefined> => {
      connection = await Deno.connect({ hostname, port });
      await connection.write(Uint8Array.from([0, asked.length, ...asked]));
      const reply = await readMessage(connection);
      return reply === null
        ? undefined
        : { kind: judge(reply, number), ms: performance.now() - sent };
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE);
    });
    const heard = await Promise.race([ask().catch(() => undefined), tooLong]);
    clearTimeout(timer);
    connection?.close();
    return heard;
  }

  /** Sends a question without waiting for any reply. */
  async send(name: string): Promise<void> {
    // IDs that are taken by nobody: a reply to it is not counted.
    await this.#socket.send(query({ id: 0, name }), this.server).catch(() => {});
  }

  /** Asks for some names, so many a second. */
  async askAll(numbers: readonly number[], rate: number): Promise<(Heard | undefined)[]> {
    const start = performance.now();
    const asked: Promise<Heard | undefined>[] = [];
    for (const number of numbers) {
      const wait = start + asked.length * 1000 / rate - performance.now();
      if (wait > 1) await sleep(wait);
      asked.push(this.ask(number));
    }
    return await Promise.all(asked);
  }

  close(): void {
    this.#socket.close();
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(4096);
    try {
      while (true) {
        const [bytes] = await this.#socket.receive(buffer);
        const now = performance.now();
        const id = (bytes[0]! << 8) | bytes[1]!;
        const waiting = this.#waiting.get(id);
        if (waiting === undefined) continue;
        this.#waiting.delete(id);
        const ms = now - waiting.sent;
        if (ms <= PATIENCE + GRACE) waiting.hear({ kind: judge(bytes, waiting.number), ms });
      }
    } catch {
      // It is closed.
    }
  }
}

/** Reads a reply by a library that is not the code under test. */
function judge(bytes: Uint8Array, number: number): Heard["kind"] {
  // deno-lint-ignore no-explicit-any -- the library's own types do not know what it returns
  const message = packet.decode(Buffer.from(bytes)) as any;
  if (message.rcode === "SERVFAIL") return "servfail";
  const isRight = message.rcode === "NOERROR" && message.answers.length === 1 &&
    message.answers[0].data === addressAt(number) &&
    message.questions[0].name.toLowerCase() === nameAt(number);
  return isRight ? "answer" : "wrong";
}

/** What many questions came to. */
export interface Tally {
  readonly asked: number;
  readonly answered: number;
  readonly servfail: number;
  readonly silent: number;
  readonly wrong: number;
  /** Of those answered, in ms; undefined where none was. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
}

/** Counts. */
export function tally(all: readonly (Heard | undefined)[]): Tally {
  const count = (kind?: Heard["kind"]): number => all.filter((one) => one?.kind === kind).length;
  const times = all.filter((one) => one?.kind === "answer").map((one) => one!.ms)
    .sort((a, b) => a - b);
  const at = (share: number): number | undefined =>
    times.length === 0 ? undefined : percentile(times, share);
  return {
    asked: all.length,
    answered: times.length,
    servfail: count("servfail"),
    silent: count(undefined),
    wrong: count("wrong"),
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  };
}
