/**
 * fw-dns-admit: the helper of `fw-dns run --resolved-only`, which alone may change the packet filter.
 *
 * This file brings the real machine together with the program.
 */

import { admit } from "./src/admit/mod.ts";
import { createSystem } from "./src/system/deno.ts";

if (import.meta.main) Deno.exit(await admit(Deno.args, createSystem()));
