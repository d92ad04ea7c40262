/** What should be answered over a bad link, whatever the machine. */

import type { Tally } from "./asker.ts";
import type { LossRun, Measured } from "./loss_room.ts";

/** A bar for some of the forwarders in a run with this loss, in which each name is asked for once. */
export interface Bar {
  readonly loss: number;
  readonly hasSecond: boolean;
  /** The least share that is answered within 4.5 s, 0 to 1. */
  readonly share: number;
}

/** For fw-dns, over any transport. */
export const BARS: readonly Bar[] = [
  { loss: 0.1, hasSecond: false, share: 0.999 },
  { loss: 0.2, hasSecond: false, share: 0.99 },
  { loss: 0.1, hasSecond: true, share: 0.999 },
  { loss: 0.2, hasSecond: true, share: 0.999 },
];

/** Whether a bar is met. */
export function judge({ share }: Bar, { answered, asked }: Tally): boolean {
  return answered >= asked * share;
}

/** Each bar with those that it is for. */
export function barsOf(
  measured: readonly (readonly [LossRun, readonly Measured[]])[],
): { readonly bar: Bar; readonly title: string; readonly tally: Tally }[] {
  return measured.filter(([{ kind }]) => kind === "once").flatMap(([{ loss }, all]) =>
    all.filter(({ title }) => title.startsWith("fw-dns")).flatMap(({ title, tally }) =>
      BARS
        .filter((bar) => bar.loss === loss && bar.hasSecond === title.includes("second"))
        .map((bar) => ({ bar, title, tally }))
    )
  );
}
