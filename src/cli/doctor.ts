/** `fw-dns doctor`: is any other way out for DNS open on this host? */

import { EXIT, type ExitCode, type Invocation } from "./console.ts";

/** Tries each way out, and tells which are open. */
export async function doctor({ system }: Invocation): Promise<ExitCode> {
  await system.process.stderr.write("Cannot do this yet\n");
  return EXIT.FAILED;
}
