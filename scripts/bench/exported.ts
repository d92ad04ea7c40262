/** Other servers that run a policy which fw-dns has exported for them. */

import { type Engine, ENGINES, exportFor } from "../../src/fleet/mod.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { readPolicy } from "../peers/policies.ts";
import { writeRecursorFiles } from "../peers/servers/recursor.ts";
import { REFUSING } from "./ordinary.ts";
import { policyOf } from "./own.ts";
import type { Product } from "./product.ts";

const TARGET = "pdns-lua";

/** Throws where the engine cannot do all that the policy says. */
function exportText(engine: Engine, policy: Policy): string {
  const source = { policy, file: "policy.toml", now: Date.now(), changed: 0 };
  const { pieces, differences } = exportFor(engine, TARGET, source);
  const [difference] = differences.all;
  if (difference !== undefined) {
    throw new Error(`${engine.title} has nothing for ${difference.what}`);
  }
  return pieces.join("");
}

/** PowerDNS Recursor with what `export --to pdns-lua` writes. */
export const RECURSOR_EXPORTED: Product = {
  title: "PowerDNS Recursor, our export",
  version: ["pdns_recursor", "--version"],
  recipe: (task) => `# fw-dns export --to ${TARGET}, of:\n${policyOf(REFUSING, task, true)}`,
  prepare: async (task) => {
    const engine = await ENGINES[TARGET]!();
    // The policy that fw-dns itself has.
    const names = await Deno.readTextFile(task.namesFile);
    const policy = readPolicy(policyOf(REFUSING, task, false), names);
    const args = await writeRecursorFiles(task.folder, exportText(engine, policy));
    return { program: "pdns_recursor", args };
  },
};
