/** `fw-dns run`: serve until a signal says stop. */

import { Log } from "../observe/mod.ts";
import { Admission, type Daemon, startDaemon, StartError } from "../serve/mod.ts";
import { sleep, type System, traceOf } from "../system/mod.ts";
import { EXIT, type ExitCode, type Invocation, VerbError } from "./console.ts";
import { explainStart } from "./explain_start.ts";
import { loadPolicy } from "./load.ts";
import { Reloading, reportPolicy } from "./reload.ts";
import { confine } from "./run_as.ts";
import { VERSION } from "./version.ts";

/** How long the log may take for its last lines, in ms. */
const LAST_WORDS = 1000;

/** Serves until SIGTERM or SIGINT. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { system } = invocation;
  const loaded = await loadPolicy(invocation, EXIT.FAILED);
  const { file, policy } = loaded;
  const log = new Log(policy.log, system.clock, system.process.stdout);
  const rules = policy.rules.rules.length;
  log.report({ event: "start", version: VERSION, policy: file, rules });
  reportPolicy(loaded, log);

  const signal = stopSignal(system);
  // The last net: an error that no layer has caught is a mistake of ours, and no reason to leave the host without names.
  system.process.onStrayError((error) =>
    log.report({ event: "error", message: `Internal error: ${traceOf(error)}` })
  );
  const isResolvedOnly = invocation.flags["resolved-only"] === true;
  const admission = isResolvedOnly ? new Admission(system, log) : undefined;
  let daemon: Daemon;
  try {
    const confinement = await confine(invocation, loaded, log);
    daemon = startDaemon(policy, system, log, admission);
    confinement.seal();
  } catch (error) {
    await log.flush();
    if (error instanceof StartError) throw new VerbError(explainStart(error), EXIT.FAILED);
    throw error;
  }
  const reloading = new Reloading(invocation, loaded, daemon, log);
  system.process.onSignal("SIGHUP", () => reloading.request());
  void admission?.begin();
  log.report({ event: "stop", signal: await signal });
  reloading.stop();
  await daemon.stop();
  admission?.close();
  // A reader of the log that has stopped reading must not keep the program from ending.
  await Promise.race([log.flush(), sleep(system.clock, LAST_WORDS)]);
  return EXIT.OK;
}

function stopSignal({ process }: System): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.onSignal(signal, () => resolve(signal));
    }
  });
}
