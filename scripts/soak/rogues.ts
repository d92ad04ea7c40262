/** Has the rogue do its worst now and then. */

import type { SeededRandom } from "../../tests/support/seeded_random.ts";
import { WILDCARDS_PER_HOUR } from "./policies.ts";
import { LineProcess } from "./process.ts";
import type { Soak } from "./run.ts";
import type { Burst } from "./seen.ts";
import { Spans } from "./spans.ts";

/** How long a burst lasts, and how long it is quiet after it, in ms: the least, and up to how much more. */
const BURST = [1000, 2000] as const;
const QUIET = [12_000, 12_000] as const;

/** The rogue's share of the budget for names below wildcards. */
const SHARE = WILDCARDS_PER_HOUR * 3 / 4;

/** A process that misuses the firewall. */
export class Rogue {
  /** When it asked as fast as it could. */
  readonly floods = new Spans();
  readonly #process: LineProcess;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  /** `now` is in ms since the start. */
  constructor(port: number, soak: Pick<Soak, "rogue" | "tally">, readonly now: () => number) {
    this.#process = new LineProcess(
      [
        Deno.execPath(),
        ...["run", "--no-check", "--no-prompt", "--unstable-net", "--allow-net"],
        new URL("rogue.ts", import.meta.url).pathname,
        `${port}`,
      ],
      (line) => line === "ready",
      (line) => {
        const { sent, replies, leaks } = JSON.parse(line) as Burst;
        soak.rogue.sent += sent;
        soak.rogue.replies += replies;
        soak.rogue.bursts++;
        for (const leak of leaks) soak.tally.complain(`leaked: to the rogue, ${leak}`);
      },
    );
  }

  /** Starts it: first it uses up its share of the budget, so that this does not go on for an hour. */
  async start(random: SeededRandom): Promise<void> {
    await this.#process.start();
    await this.#process.tell(`spend ${SHARE + 1000}`);
    this.#floodLater(random);
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

  #floodLater(random: SeededRandom): void {
    this.#timer = setTimeout(async () => {
      const time = BURST[0] + random.below(BURST[1]);
      this.floods.begin(this.now());
      await this.#process.tell(`flood ${time}`);
      this.#timer = setTimeout(() => {
        this.floods.end(this.now());
        if (!this.#isOver) this.#floodLater(random);
      }, time);
    }, QUIET[0] + random.below(QUIET[1]));
  }
}
