/**
 * An upstream that knows what is true, and does what it is told: reads a behaviour a line, and prints each second how
 * many questions it got, which of them no policy allows, and when names came that policies list now and then.
 *
 * Arguments: its address, its port, its number, and when the soak began (ms since 1970).
 */

import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { print } from "../print.ts";
import type { Behaviour } from "./faults.ts";
import { answerTrue, type AskedUpstream, readAsked, truncate } from "./message.ts";
import type { Seen } from "./seen.ts";
import { isAlias } from "./truth.ts";
import { groupOf, TYPES } from "./world.ts";
import { sleep } from "../sleep.ts";

const [hostname = "", port = 0, server = 0, start = 0] = [
  Deno.args[0]!,
  ...Deno.args.slice(1).map(Number),
] as [string, number, number, number];

/** From where forgeries come that are not from the upstream's own address. */
const ELSEWHERE = "127.0.1.66";

/** How late answers are, in ms. */
const DELAY = 200;
const SLOW = 2500;

const random = new SeededRandom(server);
let behaviour: Behaviour = "well";
let seen = { questions: 0, strange: [] as string[], flips: [] as [string, number][] };

function now(): number {
  return Date.now() - start;
}

/** Notes a question, and whether it may be answered. */
function note({ name, type }: AskedUpstream): void {
  if (name === "") return;
  seen.questions++;
  const group = groupOf(name);
  // Unbound asks for what is behind a CNAME by itself; fw-dns never does.
  const isOfUnbound = server > 0 && isAlias(name);
  const isListed = (group !== undefined || isOfUnbound) &&
    (TYPES as readonly number[]).includes(type);
  if (!isListed) seen.strange.push(`${name} ${type}`);
  else if (group === "flip") seen.flips.push([name, now()]);
}

/** What is to be sent, and how late (ms); nothing where it is silent. */
function replyTo(
  message: Uint8Array,
  isUdp: boolean,
): { reply: () => Uint8Array; late: number } | undefined {
  const asked = readAsked(message);
  if (asked === undefined) {
    seen.strange.push("a message that is no question");
    return undefined;
  }
  note(asked);
  if (behaviour === "silence" || behaviour === "loss" && random.below(10) < 3) return undefined;
  const late = behaviour === "delay" ? DELAY : behaviour === "slow" ? SLOW : 0;
  return { late, reply: () => write(message, asked, isUdp) };
}

function write(message: Uint8Array, asked: AskedUpstream, isUdp: boolean): Uint8Array {
  const reply = answerTrue(message, asked, now(), server);
  if (behaviour === "servfail") {
    const failed = truncate(reply, asked.end);
    failed[2]! &= ~2;
    failed[3] = 0x80 | 2;
    return failed;
  }
  const isCut = isUdp && (behaviour === "truncation" || reply.length > asked.size);
  return isCut ? truncate(reply, asked.end) : reply;
}

/** Replies that say 6.6.6.6: with other IDs, and with the right one from elsewhere. */
async function forge(message: Uint8Array, from: Deno.Addr): Promise<void> {
  const asked = readAsked(message);
  if (asked === undefined || asked.name === "") return;
  const forged = answerTrue(message, { ...asked, hasOpt: false }, 0, server);
  for (let at = asked.end; at < forged.length; at++) forged[at] === 45 ? forged[at] = 6 : 0;
  await elsewhere.send(forged, from);
  for (let i = 0; i < 8; i++) {
    forged[0] = random.below(256);
    forged[1] = message[1]! ^ (1 + random.below(255));
    await (i % 2 === 0 ? udp : elsewhere).send(forged, from);
  }
}

async function serveUdp(): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (true) {
    const [bytes, from] = await udp.receive(buffer);
    const message = bytes.slice();
    const { reply, late } = replyTo(message, true) ?? {};
    if (reply === undefined) continue;
    if (behaviour === "forgery") await forge(message, from).catch(() => {});
    const send = (): void => void udp.send(reply(), from).catch(() => {});
    if (late === 0) send();
    else setTimeout(send, late);
  }
}

async function serveTcp(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65_537);
  let held = 0;
  for (let count; (count = await connection.read(buffer.subarray(held))) !== null;) {
    held += count;
    for (let end; held >= 2 && held >= (end = 2 + (buffer[0]! << 8 | buffer[1]!));) {
      const message = buffer.slice(2, end);
      buffer.copyWithin(0, end, held);
      held -= end;
      const { reply, late = 0 } = replyTo(message, false) ?? {};
      if (reply === undefined) continue;
      if (late > 0) await sleep(late);
      const bytes = reply();
      await connection.write(Uint8Array.from([bytes.length >> 8, bytes.length & 255, ...bytes]));
    }
  }
}

async function obey(): Promise<void> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream() as never) as ReadableStream<
    string
  >;
  for await (const text of lines) behaviour = text.trim().split("\n").at(-1) as Behaviour;
  Deno.exit(0);
}

const udp = Deno.listenDatagram({ transport: "udp", hostname, port });
const elsewhere = Deno.listenDatagram({ transport: "udp", hostname: ELSEWHERE, port: 0 });
const tcp = Deno.listen({ hostname, port });
void obey();
void serveUdp();
setInterval(() => {
  const told: Seen = seen;
  seen = { questions: 0, strange: [], flips: [] };
  if (told.questions + told.strange.length > 0) print(JSON.stringify(told));
}, 1000);
print("ready");
for await (const connection of tcp) {
  void serveTcp(connection).catch(() => {}).finally(() => {
    try {
      connection.close();
    } catch {
      // The other side was first.
    }
  });
}
