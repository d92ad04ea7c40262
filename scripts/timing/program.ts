/** The real program on the real clock and network, but with random numbers that come out the same each time. */

import { main } from "../../src/cli/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
Deno.exitCode = await main(Deno.args, { ...createSystem(), random: new SeededRandom(7) });
