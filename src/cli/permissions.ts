/** `fw-dns permissions`: the narrowest Deno flags for this policy. */

import { dirname, resolve } from "node:path";
import { permissionFlags } from "../host/mod.ts";
import { EXIT, type ExitCode, type Invocation } from "./console.ts";
import { loadPolicy } from "./load.ts";

/** Prints the flags in one line; on standard error, what they cannot narrow. */
export async function permissions(invocation: Invocation): Promise<ExitCode> {
  const { process } = invocation.system;
  const { file, policy } = await loadPolicy(invocation, EXIT.FAILED);
  const { flags, note } = permissionFlags(policy, [dirname(resolve(file))]);
  if (note !== undefined) await process.stderr.write(`Note: ${note}.\n`);
  await process.stdout.write(`${flags.join(" ")}\n`);
  return EXIT.OK;
}
