/**
 * Runs in namespaces of its own, as root: forwarders side by side over one bad link. Takes a {@linkcode LossRun} in
 * JSON, prints what each one's client heard ({@linkcode Measured}, a list) as JSON.
 */

import { makeCertificates } from "../../tests/support/certificates.ts";
import { print } from "../print.ts";
import { Asker, type Tally, tally } from "./asker.ts";
import { barrier } from "./barrier.ts";
import { AGAIN, type Forwarder, ONCE, type Start } from "./forwarders.ts";
import { must } from "../must.ts";
import { watchStalls } from "./stalls.ts";
import { Upstream } from "./upstream.ts";

/** What to measure. */
export interface LossRun {
  /** `once`: each name once. `again`: a few names again and again, which had been answered before. */
  readonly kind: "once" | "again";
  /** The share of packets lost, each way, 0 to 1. */
  readonly loss: number;
  /** How long each of the others takes, in ms. */
  readonly delay: number;
  readonly questions: number;
  /** How many names there are, and how many questions a second go to each forwarder. */
  readonly names: number;
  readonly rate: number;
}

/** What the clients of one forwarder heard. */
export interface Measured {
  readonly title: string;
  readonly tally: Tally;
  /** By how much (ms) the clients' own timers were late at most. */
  readonly stall: number;
}

const SEED = 20_261_129;

/** Of the records, in s: for those that are asked again, so short that none stays fresh. */
const TTL = { once: 300, again: 2 } as const;

async function measureOne(
  forwarder: Forwarder,
  at: Start,
  { kind, names, questions, rate }: LossRun,
  goBad: () => Promise<void>,
): Promise<Omit<Measured, "stall">> {
  const { port } = at;
  const end = await forwarder.start(at);
  const asker = new Asker({ transport: "udp", hostname: "127.0.0.1", port });
  const numbers = Array.from({ length: questions }, (_, i) => i % names);
  // What is asked again has been heard once, in good weather; what is asked once has not.
  if (kind === "again") {
    const all = Array.from({ length: names }, (_, i) => i);
    for (let left = all; left.length > 0;) {
      const heard = await asker.askAll(left, rate);
      left = left.filter((_, i) => heard[i]?.kind !== "answer");
    }
  }
  await goBad();
  const heard = await asker.askAll(numbers, rate);
  asker.close();
  await end();
  return { title: forwarder.title, tally: tally(heard) };
}

async function measureAll(run: LossRun, folder: string): Promise<Measured[]> {
  await must("ip", "link", "set", "lo", "up");
  const { kind, loss, delay, names } = run;
  using certificates = await makeCertificates();
  const { ca, good: certificate } = certificates;
  const options = { seed: SEED, names, ttl: TTL[kind], certificate };
  const bad = await Upstream.start(folder, { ...options, number: 1 });
  const well = await Upstream.start(folder, { ...options, number: 2 });
  for (const { link } of [bad, well]) await link.set({ delay });
  const upstreams = [bad.address, well.address];
  const measured: Measured[] = [];
  let port = 5400;
  for (const batch of { once: ONCE, again: AGAIN }[kind]) {
    await bad.link.set({ delay });
    const goBad = barrier(batch.length, () => bad.link.set({ loss, delay }));
    const stopWatching = watchStalls();
    const one = await Promise.all(
      batch.map((each) =>
        measureOne(each, { folder, port: port++, upstreams, names, ca }, run, goBad)
      ),
    );
    const stall = stopWatching();
    measured.push(...one.map((each) => ({ ...each, stall })));
  }
  return measured;
}

if (import.meta.main) {
  const folder = Deno.makeTempDirSync({ prefix: "fw-dns-loss-" });
  try {
    print(JSON.stringify(await measureAll(JSON.parse(Deno.args[0]!), folder)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  Deno.exit();
}
