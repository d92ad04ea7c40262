/** Programs made by `deno compile`, which needs a runtime base that cannot be had everywhere. */

import { ROOT, runToEnd } from "./program.ts";

/** Why tests are skipped where there is no base. */
export const NO_BASE =
  "skipped: the runtime base of deno compile cannot be downloaded here, see DENORT_BIN in the README";

/** Compiles by one of the scripts; false where there is no base. Throws where it fails otherwise. */
export async function compiles(script: string, ...args: readonly string[]): Promise<boolean> {
  const { code, err } = await runToEnd(
    {
      command: Deno.execPath(),
      args: ["run", "--no-prompt", "--allow-all", `scripts/${script}`],
      env: Deno.env.toObject(),
      folder: ROOT,
    },
    ...args,
  );
  if (code === 0) return true;
  if (!err.includes("DENORT_BIN=")) throw new Error(`Cannot compile: ${err}`);
  if (Deno.env.get("DENORT_BIN")) throw new Error(`DENORT_BIN does not help: ${err}`);
  return false;
}
