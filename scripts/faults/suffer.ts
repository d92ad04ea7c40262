/** One fault, from before it to after it: what clients heard, and whether the firewall came out of it as it went in. */

import { type Asker, type Heard, type Tally, tally } from "./asker.ts";
import type { FaultyFirewall } from "./firewall.ts";
import { nameAt, UNLISTED } from "./names.ts";
import type { Upstream } from "./upstream.ts";
import { sleep } from "../sleep.ts";

/** Where faults happen: a firewall, a client of it, and its upstream. */
export interface Stage {
  readonly upstream: Upstream;
  readonly firewall: FaultyFirewall;
  readonly asker: Asker;
  /** How many names the policy lists. */
  readonly listed: number;
  /** How many of them have been used up: each fault takes new ones. */
  used: number;
}

/** A fault. */
export interface Fault {
  readonly title: string;
  /** For how long, in ms. */
  readonly lasts: number;
  /** Brings it about; what it returns ends it. */
  begin(stage: Stage): Promise<() => Promise<void>>;
}

/** What a fault did. */
export interface Suffered {
  readonly title: string;
  readonly lasts: number;
  /** New names, each asked for once, from shortly before the fault until it was over. */
  readonly fresh: Tally;
  /** The same few names again and again meanwhile, which had been answered before. */
  readonly known: Tally;
  /** One of them, asked for over TCP in the middle of it. */
  readonly overTcp: Heard | undefined;
  /** Whether it was answered before the fault was over. */
  readonly isOverTcpInTime: boolean;
  /** How many names came to the upstream meanwhile that it had not heard before. */
  readonly heard: number;
  /** From the fault's end until a new name was answered, in ms. */
  readonly normalAfter: number;
  /** New names once that was so. */
  readonly after: Tally;
  /** Names that had got no answer, and got none either when they were asked for again. */
  readonly lostForGood: number;
  /** Names that reached the upstream and are on no rule. */
  readonly stray: readonly string[];
  /** Memory in MB, and descriptors, before and after. */
  readonly rss: readonly [number, number];
  readonly descriptors: readonly [number, number];
  /** What the log told meanwhile, apart from single queries; nothing where it was not to be had. */
  readonly told: readonly string[];
}

/** New names a second, and known ones. */
const RATE = 40;

/** How many names are known. */
const KNOWN = 10;

/** How long before the fault questions begin, in ms: some of them are under way when it comes. */
const LEAD = 200;

/** New names that are asked for once it is over. */
const AFTERWARDS = 20;

/** How long what must come back may take, in ms: to end instead of hanging, no more. */
const PATIENCE = 40_000;

function take(stage: Stage, count: number): number[] {
  return Array.from({ length: count }, () => stage.used++);
}

/** Lets a fault happen, once `whenReady` resolves. */
export async function suffer(
  stage: Stage,
  fault: Fault,
  whenReady: () => Promise<void> = () => Promise.resolve(),
): Promise<Suffered> {
  const { asker, firewall } = stage;
  const known = take(stage, KNOWN);
  for (const number of known) await askAgain(asker, number);
  await whenReady();
  const before = firewall.vitals;
  const logBefore = firewall.log.length;

  const count = Math.ceil((LEAD + fault.lasts) * RATE / 1000);
  const numbers = take(stage, count);
  const fresh = asker.askAll(numbers, RATE);
  const again = asker.askAll(numbers.map((_, i) => known[i % KNOWN]!), RATE);
  await sleep(LEAD);
  const end = await fault.begin(stage);
  const heardBefore = stage.upstream.names.size;
  for (const name of UNLISTED) await asker.send(name);
  let isOverTcpInTime = false;
  let isOver = false;
  const overTcp = asker.askOverTcp(known[0]!);
  void overTcp.then((one) => isOverTcpInTime = one?.kind === "answer" && !isOver);
  await sleep(fault.lasts);
  const heard = stage.upstream.names.size - heardBefore;
  isOver = true;
  await end();
  const over = performance.now();
  await untilNormal(stage);
  const normalAfter = performance.now() - over;
  const [answers, knownAnswers] = await Promise.all([fresh, again]);

  const after = tally(await asker.askAll(take(stage, AFTERWARDS), RATE));
  const lost = numbers.filter((_, i) => answers[i]?.kind !== "answer");
  const rescued = await Promise.all(lost.map((number) => askAgain(asker, number)));
  const descriptors = await untilFewDescriptors(firewall, before.descriptors);
  return {
    title: fault.title,
    lasts: fault.lasts,
    fresh: tally(answers),
    known: tally(knownAnswers),
    overTcp: await overTcp,
    isOverTcpInTime,
    heard,
    normalAfter,
    after,
    lostForGood: rescued.filter((one) => !one).length,
    stray: straysOf(stage),
    rss: [before.rss, firewall.vitals.rss],
    descriptors: [before.descriptors, descriptors],
    told: linesOf(firewall.log.slice(logBefore)),
  };
}

/** Asks for new names until one is answered. */
async function untilNormal(stage: Stage): Promise<void> {
  const end = performance.now() + PATIENCE;
  let isNormal = false;
  while (!isNormal && performance.now() < end) {
    for (const number of take(stage, 1)) {
      void stage.asker.ask(number).then((heard) => isNormal ||= heard?.kind === "answer");
    }
    await sleep(20);
  }
}

/** As a client does that does not give up: whether there was an answer in the end. */
async function askAgain(asker: Asker, number: number): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  let heard: Heard | undefined;
  while (heard?.kind !== "answer" && performance.now() < end) {
    heard = await asker.ask(number);
    if (heard?.kind !== "answer") await sleep(100);
  }
  return heard?.kind === "answer";
}

/** How many there are once there are no more than before, or in the end. */
async function untilFewDescriptors(firewall: FaultyFirewall, most: number): Promise<number> {
  const end = performance.now() + PATIENCE;
  while (firewall.vitals.descriptors > most && performance.now() < end) await sleep(50);
  return firewall.vitals.descriptors;
}

function straysOf({ upstream, listed }: Stage): string[] {
  const names = new Set(Array.from({ length: listed }, (_, i) => nameAt(i)));
  return [...upstream.names].filter((name) => !names.has(name));
}

/** Lines that tell of more than one query, each once. */
function linesOf(log: string): string[] {
  const lines = log.split("\n").filter((line) => /^(Warning|Error|Connected|Left out)/.test(line));
  return [...new Set(lines)];
}
