/** Plain DNS over UDP and TCP (RFC 1035 4.2): who answers at an address? */

import { closeQuietly, type SocketAddress, writeAll } from "../../system/mod.ts";
import {
  frameMessages,
  FrameReader,
  isMadeHere,
  readResponse,
  type SentQuestion,
  TYPE,
  writeQuestion,
} from "../../wire/mod.ts";
import { exchangeDatagrams } from "./datagrams.ts";
import { type Outcome, SILENCE, type Tries } from "./finding.ts";

/**
 * What is asked: the same on every host, so that it tells nobody anything. Any resolver knows who serves the root,
 * and fw-dns never says it. Firefox's canary is a name that fw-dns answers itself, with an SOA of its own: where
 * questions are brought to fw-dns whomever they are for, this shows it.
 */
const ROOT = { name: ".", type: TYPE.NS };
const CANARY = { name: "use-application-dns.net", type: TYPE.A };

/** What is said by whoever answers. */
export class Hearing {
  readonly root: SentQuestion;
  readonly canary: SentQuestion;
  /** Whether it resolved what fw-dns never does. */
  hasResolved = false;
  #isAnswered = false;
  #isOurs = false;

  constructor({ random }: Pick<Tries, "random">) {
    const id = random.uint16();
    this.root = writeQuestion(ROOT, id, false, random);
    this.canary = writeQuestion(CANARY, id ^ 1, false, random);
  }

  get questions(): readonly Uint8Array[] {
    return [this.root.bytes, this.canary.bytes];
  }

  /** Who it is, as far as it has shown. */
  get answerer(): "nobody" | "fw-dns" | "another" {
    if (this.#isOurs) return "fw-dns";
    return this.#isAnswered ? "another" : "nobody";
  }

  /** Takes a message, whatever it is; true when nothing more has to be heard. */
  readonly take = (message: Uint8Array): boolean => {
    if (isMadeHere(message, this.canary)) {
      this.#isOurs = true;
      return false;
    }
    // The root refused may be fw-dns's own word: the canary decides.
    this.#isAnswered = true;
    const read = readResponse(message, this.root, true);
    this.hasResolved ||= read.kind === "answer" && read.answer.data.length > 0;
    return this.hasResolved;
  };
}

/** Asks over UDP: any answer that fw-dns has not made came from outside its reach. */
export async function askOverUdp(to: SocketAddress, tries: Tries): Promise<Outcome> {
  const hearing = await hearOverUdp(to, tries);
  return hearing.answerer === "nobody" ? SILENCE : judge(hearing, "it answers");
}

/** What is heard over UDP. Rejects with the system's error. */
export async function hearOverUdp(to: SocketAddress, tries: Tries): Promise<Hearing> {
  const hearing = new Hearing(tries);
  await exchangeDatagrams(tries, to, hearing.questions, hearing.take);
  return hearing;
}

/** Asks over TCP: a connection that opens is a way out, unless fw-dns is at its other end. */
export async function askOverTcp(to: SocketAddress, tries: Tries): Promise<Outcome> {
  const { network, limit } = tries;
  const connection = await network.dialTcp(to, limit);
  const close = (): void => closeQuietly(connection);
  limit.addEventListener("abort", close);
  const hearing = new Hearing(tries);
  try {
    for (const question of hearing.questions) await writeAll(connection, frameMessages(question));
    const frames = new FrameReader();
    const buffer = new Uint8Array(4096);
    let isHeard = false;
    while (!isHeard) {
      const count = await connection.read(buffer);
      const messages = count === null ? undefined : frames.push(buffer.subarray(0, count));
      isHeard = messages?.some(hearing.take) ?? true;
    }
  } catch {
    // It was open: what came after changes nothing.
  } finally {
    limit.removeEventListener("abort", close);
    close();
  }
  return judge(hearing, hearing.answerer === "nobody" ? "the connection opens" : "it answers");
}

function judge({ answerer, hasResolved }: Hearing, note: string): Outcome {
  if (answerer === "fw-dns" && !hasResolved) return { state: "closed", note: "fw-dns answers" };
  return { state: "open", note };
}
