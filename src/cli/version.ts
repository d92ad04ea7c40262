/** `fw-dns version`. */

import config from "../../deno.json" with { type: "json" };
import { EXIT, type ExitCode, type Invocation } from "./console.ts";

/** The version of fw-dns, from `deno.json`. */
export const VERSION: string = config.version;

/** Prints the version of fw-dns and of Deno, and when it was built. */
export async function version({ system, built }: Invocation): Promise<ExitCode> {
  const origin = built === undefined ? "run from source" : `built ${built}`;
  await system.process.stdout.write(
    `fw-dns ${VERSION} (Deno ${system.process.runtimeVersion}, ${origin})\n`,
  );
  return EXIT.OK;
}
