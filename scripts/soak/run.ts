/** One soak: everything that is started for it, everything that happens in it, and what came of it. */

import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { Checker } from "./checker.ts";
import { planFaults } from "./faults.ts";
import { Firewall } from "./firewall.ts";
import type { Options } from "./options.ts";
import { LIST, namesOf } from "./policies.ts";
import { freePort } from "./ports.ts";
import { Reloads } from "./reloads.ts";
import { Rogue } from "./rogues.ts";
import { type Sample, sample } from "./samples.ts";
import { Listings } from "./spans.ts";
import { Starvation } from "./starvation.ts";
import { Tally } from "./tally.ts";
import { Traffic } from "./traffic.ts";
import { Upstreams } from "./upstreams.ts";
import { sleep } from "../sleep.ts";

/** How often to look at the process, in ms. */
const SAMPLE_EVERY = 2000;

/** What hermetic names have to be there before anyone asks, in ms. */
const WARM_UP = 5000;

/** What a soak came to, and so far while it goes on. */
export interface Soak {
  readonly tally: Tally;
  readonly samples: readonly Sample[];
  /** How often each kind of fault was there. */
  readonly faults: ReadonlyMap<string, number>;
  /** Packets that the rogue sent, and replies that it got. */
  readonly rogue: { sent: number; replies: number; bursts: number };
  readonly reloads: { readonly good: number; readonly broken: number };
  /** Questions that reached the upstreams. */
  readonly seen: number;
  readonly isCompiled: boolean;
  /** How long the machine had no time for the firewall, in ms. */
  readonly starved: number;
}

/** Runs one; `onSample` is called with each look at the process. Rejects where the program ends by itself. */
export async function runSoak(
  options: Options,
  onSample: (soak: Soak, at: number) => void,
): Promise<Soak> {
  const stage = new Stage(options);
  const interrupted = (): void => {
    stage.close();
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", interrupted);
  Deno.addSignalListener("SIGTERM", interrupted);
  try {
    await stage.open();
    await stage.play((at) => onSample(stage, at));
    return stage;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupted);
    Deno.removeSignalListener("SIGTERM", interrupted);
    stage.close();
  }
}

class Stage implements Soak {
  readonly tally = new Tally();
  readonly samples: Sample[] = [];
  readonly rogue = { sent: 0, replies: 0, bursts: 0 };
  readonly reloads: Reloads;
  seen = 0;
  isCompiled = false;
  readonly #start = Date.now();
  readonly #folder = Deno.makeTempDirSync({ prefix: "fw-dns-soak-" });
  readonly #port = freePort("127.0.0.1");
  readonly #random: SeededRandom;
  readonly #upstreams: Upstreams;
  readonly #starvation: Starvation;
  readonly #attack: Rogue;
  readonly #listings: Listings;
  readonly #checker: Checker;
  #firewall: Firewall | undefined;

  constructor(readonly options: Options) {
    this.#random = new SeededRandom(options.seed);
    this.#upstreams = new Upstreams(this.#folder, this.#start, (seen) => {
      this.seen += seen.questions;
      this.#checker.seen(seen);
    });
    this.#starvation = new Starvation(this.#now);
    this.#attack = new Rogue(this.#port, this, this.#fork("rogue"), this.#now);
    this.reloads = new Reloads(
      `${this.#folder}/policy.toml`,
      { port: this.#port, ports: this.#upstreams.ports },
      this.#fork("reloads"),
      this.#now,
    );
    this.#listings = new Listings(this.reloads.writeFirst());
    Deno.writeTextFileSync(`${this.#folder}/${LIST}`, namesOf("list").join("\n"));
    this.#checker = new Checker({
      ill: this.#upstreams.ill,
      floods: this.#attack.floods,
      starved: this.#starvation.spans,
      listings: this.#listings,
    }, this.tally);
  }

  get faults(): ReadonlyMap<string, number> {
    return this.#upstreams.counts;
  }

  get starved(): number {
    return this.#starvation.spans.total(this.#now());
  }

  /** Starts all that there is. Rejects where something does not start. */
  async open(): Promise<void> {
    await this.#upstreams.open();
    this.#firewall = await Firewall.start(this.#folder, this.reloads.file, this.tally);
    this.isCompiled = this.#firewall.isCompiled;
    await sleep(WARM_UP);
  }

  /** Lets it all happen, and waits for the end of it. */
  async play(onSample: (at: number) => void): Promise<void> {
    const { length, load, seed } = this.options;
    const firewall = this.#firewall!;
    const begun = this.#now();
    for (const { from, until, ...fault } of planFaults(seed, length)) {
      this.#upstreams.plan({ ...fault, from: begun + from, until: begun + until });
    }
    void this.#starvation.watch(firewall.pid);
    await this.#attack.start();
    const server = { transport: "udp", hostname: "127.0.0.1", port: this.#port } as const;
    const traffic = new Traffic(server, this.#checker, this.#fork("traffic"), load, this.#start);
    traffic.begin();
    const reloading = this.reloads.run(firewall, this.#listings);
    await Promise.race([this.#watch(firewall.pid, onSample), reloading]);
    this.#attack.end();
    this.reloads.end();
    await Promise.all([reloading, traffic.end()]);
    this.#starvation.end();
    await firewall.stop();
  }

  /** Ends everything at once, and leaves nothing behind. */
  close(): void {
    this.#starvation.end();
    this.#upstreams.close();
    this.#attack.close();
    this.#firewall?.killNow();
    Deno.removeSync(this.#folder, { recursive: true });
  }

  /** In ms since the start. */
  readonly #now = (): number => Date.now() - this.#start;

  #fork(label: string): SeededRandom {
    return this.#random.fork(label) as SeededRandom;
  }

  /** Looks at the process again and again, until the time is over. */
  async #watch(pid: number, onSample: (at: number) => void): Promise<void> {
    const { length } = this.options;
    const begun = this.#now();
    for (let at = 0; at < length; at = this.#now() - begun) {
      this.samples.push(await sample(pid, at));
      onSample(at);
      await sleep(Math.min(SAMPLE_EVERY, length - at));
    }
  }
}
