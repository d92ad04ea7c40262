/** Has the rogue do its worst now and then. */

import type { SeededRandom } from "../../tests/support/seeded_random.ts";
import { LineProcess } from "./process.ts";
import type { Soak } from "./run.ts";
import type { Burst } from "./seen.ts";
import { Spans } from "./spans.ts";

/** How long a burst lasts, and how long it is quiet after it, in ms: the least, and up to how much more. */
const BURST = [1000, 2000] as const;
const QUIET = [12_000, 12_000] as const;

/** How many names below the wildcard it asks for at the start: more than are kept. */
const SPENT = 15_000;

/** A process that misuses the firewall. */
export class Rogue {
  /** When it asked as fast as it could. */
  readonly floods = new Spans();
  readonly #process: LineProcess;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** `now` is in ms since the start. */
  constructor(
    port: number,
    readonly soak: Pick<Soak, "rogue" | "tally">,
    readonly random: SeededRandom,
    readonly now: () => number,
  ) {
    this.#process = new LineProcess(
      [
        Deno.execPath(),
        ...["run", "--no-check", "--no-prompt", "--unstable-net", "--allow-net"],
        new URL("rogue.ts", import.meta.url).pathname,
        `${port}`,
      ],
      (line) => line === "ready",
      (line) => this.#note(JSON.parse(line)),
    );
  }

  /** Starts it: first it uses up its share of the budget, so that this does not go on for an hour. */
  async start(): Promise<void> {
    await this.#process.start();
    await this.#process.tell(`spend ${SPENT}`);
    this.#floodLater();
  }

  /** It floods no more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** Ends it at once. */
  close(): void {
    this.end();
    this.#process.killNow();
  }

  #note({ done, sent, replies, leaks }: Burst): void {
    const { rogue, tally } = this.soak;
    rogue.sent += sent;
    rogue.replies += replies;
    for (const leak of leaks) tally.complain(`leaked: to the rogue, ${leak}`);
    if (done !== "flood") return;
    rogue.bursts++;
    this.floods.end(this.now());
    if (!this.#isOver) this.#floodLater();
  }

  #floodLater(): void {
    const { random } = this;
    this.#timer = setTimeout(() => {
      this.floods.begin(this.now());
      void this.#process.tell(`flood ${BURST[0] + random.below(BURST[1])}`);
    }, QUIET[0] + random.below(QUIET[1]));
  }
}
