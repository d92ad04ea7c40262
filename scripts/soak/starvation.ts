/** When the machine had no time for the firewall, because others were busy: what is lost then is not the firewall's. */

import { waitOf } from "./samples.ts";
import { Spans } from "./spans.ts";
import { sleep } from "../sleep.ts";

/** How often to look, in ms. */
const EVERY = 250;

/** From this share of waiting on it counts: queries come faster than a process can answer that runs in between. */
const MOST_WAITING = 0.25;

/** Notes when a process waits for a processor. */
export class Starvation {
  readonly spans = new Spans();
  #isOver = false;

  /** `now` is in ms since the start of the soak. */
  constructor(readonly now: () => number) {}

  /** Looks until `end` is called, or the process has ended. */
  async watch(pid: number): Promise<void> {
    try {
      let [at, waited] = [this.now(), await waitOf(pid)];
      while (!this.#isOver) {
        await sleep(EVERY);
        const [now, waitedNow] = [this.now(), await waitOf(pid)];
        if (waitedNow - waited >= MOST_WAITING * (now - at)) {
          this.spans.begin(at);
          this.spans.end(now);
        }
        [at, waited] = [now, waitedNow];
      }
    } catch {
      // It has ended.
    }
  }

  /** Looks no more. */
  end(): void {
    this.#isOver = true;
  }
}
