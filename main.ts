/**
 * fw-dns: a DNS firewall. Only listed names resolve, and nothing that a client chooses gets out.
 *
 * This file brings the real clock, random numbers and network together with the command line.
 */

import { main } from "./src/cli/mod.ts";
import { createSystem } from "./src/system/deno.ts";

/**
 * Runs the program and ends the process. `built` is the day on which it was compiled, `writable` where it was permitted to
 * write then.
 */
export async function start(built?: string, writable?: readonly string[]): Promise<never> {
  Deno.exit(await main(Deno.args, createSystem(), built, writable));
}

if (import.meta.main) await start();
