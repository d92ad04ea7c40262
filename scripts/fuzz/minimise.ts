/** Makes an input that fails as small and as plain as it can be while it still fails. */

import type { Input, Target } from "./target.ts";

/** So many tries, or so much time (ms), and then it is small enough. */
const [MOST_TRIES, MOST_TIME] = [1500, 8000];

/** Whether an input fails, alone and from the start. */
export async function fails(target: Target, input: Input): Promise<string | undefined> {
  target.renew();
  const [outcome] = await target.tryAll([input]);
  return outcome!.problem;
}

/** The smallest input that was found that still fails. */
export async function minimise(
  input: Input,
  stillFails: (input: Input) => Promise<boolean>,
): Promise<Input> {
  let best = input;
  let left = MOST_TRIES;
  const end = performance.now() + MOST_TIME;
  const accept = async (next: Input): Promise<boolean> => {
    if (performance.now() > end) left = 0;
    if (left-- <= 0 || !await stillFails(next)) return false;
    best = next;
    return true;
  };
  for (let before = -1; before !== sizeOf(best) && left > 0;) {
    before = sizeOf(best);
    for (let part = best.length - 1; part >= 0; part--) {
      if (best.length > 1) await accept(best.filter((_, i) => i !== part));
    }
    for (let part = 0; part < best.length; part++) await shrink(part);
  }
  return best;

  /** Takes out ever shorter pieces of one part. */
  async function shrink(part: number): Promise<void> {
    for (let size = best[part]?.length ?? 0; size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < (best[part]?.length ?? 0) && left > 0;) {
        const bytes = best[part]!;
        const shorter = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + size)]);
        if (!await accept(best.map((one, i) => i === part ? shorter : one))) at += size;
      }
    }
  }
}

function sizeOf(input: Input): number {
  return input.reduce((sum, part) => sum + 1 + part.length, 0);
}
