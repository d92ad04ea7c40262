/**
 * `deno task soak [--minutes N | --seconds N] [--seed N]`: the real program under everything at once.
 *
 * Ends with 1 where anything was not as it should be. With `--document` it writes its section of docs/reliability.md.
 */

import { print } from "./print.ts";
import { writeSection } from "./reliability/section.ts";
import { readOptions } from "./soak/options.ts";
import { describeProgress, describeSoak, isGood } from "./soak/report.ts";
import { runSoak } from "./soak/run.ts";

/** How often to tell how it goes, in ms. */
const TELL_EVERY = 30_000;

async function main(): Promise<number> {
  const options = readOptions(Deno.args);
  if (typeof options === "string") {
    print(options);
    return 2;
  }
  let [toldAt, told] = [-Infinity, 0];
  const soak = await runSoak(options, (soak, at) => {
    if (at < toldAt + TELL_EVERY) return;
    toldAt = at;
    print(describeProgress(soak));
    // Not at the end of an hour alone.
    for (; told < soak.tally.problems.length; told++) print(`  ${soak.tally.problems[told]}`);
  });
  const text = await describeSoak(soak, options);
  print(text);
  if (options.isDocumented) await writeSection("soak", text);
  return isGood(soak, options) ? 0 : 1;
}

Deno.exit(await main());
