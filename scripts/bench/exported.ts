/** Other servers that run a policy which fw-dns has exported for them. */

import { type Engine, ENGINES, exportFor } from "../../src/fleet/mod.ts";
import { draftPolicy, type Policy } from "../../src/policy/mod.ts";
import { writeRecursorFiles } from "../peers/servers/recursor.ts";
import { REFUSING } from "./ordinary.ts";
import { policyOf } from "./own.ts";
import type { Product, Task } from "./product.ts";

const TARGET = "pdns-lua";

/** The policy that fw-dns itself has. */
async function readPolicy(task: Task): Promise<Policy> {
  const text = policyOf(REFUSING, task, false);
  const draft = draftPolicy(new TextEncoder().encode(text), "policy.toml");
  const lists = await Promise.all(
    draft.lists.map(async () => ({ text: await Deno.readFile(task.namesFile) })),
  );
  const steps = draft.finish(lists, []);
  for (let step = steps.next();; step = steps.next()) if (step.done) return step.value;
}

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
    const args = await writeRecursorFiles(task.folder, exportText(engine, await readPolicy(task)));
    return { program: "pdns_recursor", args };
  },
};
