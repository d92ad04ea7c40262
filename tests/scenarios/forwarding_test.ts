/** The scenarios of `forwarding/`: each file is a story that the real program has to live through as it is told. */

import { readScenarios } from "../../scripts/reliability/scenario_files.ts";
import { parseScenario } from "../support/scenario/parse.ts";

/** Each scenario is told with these random numbers of fw-dns's own. */
const SEEDS = [1, 2, 3];

for (const { file, text, title } of await readScenarios()) {
  Deno.test(`${title} (${file})`, async () => {
    const { run } = parseScenario(file, text);
    for (const seed of SEEDS) await run(seed);
  });
}
