/** What goes wrong with the upstreams, and when: a seed decides. */

import { SeededRandom } from "../../tests/support/seeded_random.ts";

/** The upstreams: one that is scripted, and a real Unbound. */
export type Party = "scripted" | "unbound";

/** What the scripted upstream can do; the first of them is to behave well. */
export type Behaviour =
  | "well"
  | "silence"
  | "delay"
  | "slow"
  | "loss"
  | "truncation"
  | "servfail"
  | "forgery";

/** What can go wrong. */
export type FaultKind = Exclude<Behaviour, "well"> | "restart" | "suspension";

/** Faults with which an upstream still has to answer: fw-dns has to live with them. */
const HARMLESS: ReadonlySet<FaultKind> = new Set(["delay", "truncation", "forgery"]);

const KINDS: Readonly<Record<Party, readonly FaultKind[]>> = {
  scripted: [
    ...["silence", "delay", "slow", "loss", "truncation", "servfail", "forgery"] as const,
    ...["restart", "suspension"] as const,
  ],
  unbound: ["restart", "suspension"],
};

/** One of them; times in ms since the start of the soak. */
export interface Fault {
  readonly party: Party;
  readonly kind: FaultKind;
  readonly from: number;
  readonly until: number;
}

/** Before the first, in ms. */
const LEAD = 4000;

/** How long an upstream is well in between, and how long a fault lasts, in ms: the least, and up to how much more. */
const PAUSE = { scripted: [4000, 8000], unbound: [9000, 14_000] } as const;
const LENGTH = [2000, 6000] as const;

/** Whether an upstream with such a fault has an answer in time all the same. */
export function isHarmless(kind: FaultKind): boolean {
  return HARMLESS.has(kind);
}

/** All faults of a soak of that length (ms), in the order in which they begin. None ends after it. */
export function planFaults(seed: number, length: number): readonly Fault[] {
  const parties = Object.keys(KINDS) as Party[];
  return parties.flatMap((party) => [...faultsOf(party, new SeededRandom(seed), length)])
    .sort((a, b) => a.from - b.from);
}

function* faultsOf(party: Party, seeded: SeededRandom, length: number): Generator<Fault> {
  const random = seeded.fork(party) as SeededRandom;
  const between = ([least, more]: readonly [number, number]): number => least + random.below(more);
  let kinds: FaultKind[] = [];
  for (let from = LEAD + random.below(4000);;) {
    // Each of them, in another order each time.
    if (kinds.length === 0) kinds = shuffled(KINDS[party], random);
    const until = from + between(LENGTH);
    if (until > length) return;
    yield { party, kind: kinds.pop()!, from, until };
    from = until + between(PAUSE[party]);
  }
}

function shuffled<T>(all: readonly T[], random: SeededRandom): T[] {
  const left = [...all];
  return all.map(() => left.splice(random.below(left.length), 1)[0]!);
}
