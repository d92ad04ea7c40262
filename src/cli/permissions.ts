/** `fw-dns permissions`: the narrowest Deno flags for this policy. */

import { checkForShell, FlagError, permissionFlags, servingNeeds } from "../host/mod.ts";
import { EXIT, type ExitCode, type Invocation, VerbError } from "./console.ts";
import { loadPolicy } from "./load.ts";
import { servingOptions } from "./run_as.ts";

/** Nothing may be fetched later: importing an unknown npm package asks the registry for its name, permitted or not. */
const CACHED_ONLY = "--cached-only";

/** Prints the flags in one line; on standard error, what they cannot narrow. */
export async function permissions(invocation: Invocation): Promise<ExitCode> {
  const { process } = invocation.system;
  const { file, policy } = await loadPolicy(invocation, EXIT.FAILED);
  const options = servingOptions(invocation, file);
  try {
    checkForShell(servingNeeds(policy, options).read);
    const { runtimeVersion } = process;
    const { flags, note } = permissionFlags(policy, { ...options, runtimeVersion });
    if (note !== undefined) await process.stderr.write(`Note: ${note}.\n`);
    await process.stdout.write(`${[...flags, CACHED_ONLY].join(" ")}\n`);
  } catch (error) {
    if (error instanceof FlagError) throw new VerbError(error.message, EXIT.FAILED);
    throw error;
  }
  return EXIT.OK;
}
