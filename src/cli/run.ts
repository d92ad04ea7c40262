/** `fw-dns run`: serve until a signal says stop. */

import { Log } from "../observe/mod.ts";
import { type Daemon, startDaemon, StartError } from "../serve/mod.ts";
import { sleep, type System, traceOf } from "../system/mod.ts";
import {
  errorMessage,
  errorName,
  EXIT,
  type ExitCode,
  type Invocation,
  VerbError,
} from "./console.ts";
import { loadPolicy } from "./load.ts";
import { VERSION } from "./version.ts";

/** How long the log may take for its last lines, in ms. */
const LAST_WORDS = 1000;

/** Serves until SIGTERM or SIGINT. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { system } = invocation;
  const { file, policy, leak } = await loadPolicy(invocation, EXIT.FAILED);
  const log = new Log(policy.log, system.clock, system.process.stdout);
  const rules = policy.rules.rules.length;
  log.report({ event: "start", version: VERSION, policy: file, rules });
  const { total, restart, isHermetic } = leak();
  log.report({ event: "leak", ...total, restart: restart.o3, hermetic: isHermetic });

  if (rules === 0) log.report({ event: "warning", message: "No name is allowed by this policy" });

  const signal = stopSignal(system);
  system.process.onSignal("SIGHUP", () => {
    const message = "This version cannot reload: start fw-dns again to put a new policy into force";
    log.report({ event: "warning", message });
  });
  // The last net: an error that no layer has caught is a mistake of ours, and no reason to leave the host without names.
  system.process.onStrayError((error) =>
    log.report({ event: "error", message: `Internal error: ${traceOf(error)}` })
  );
  let daemon: Daemon;
  try {
    daemon = startDaemon(policy, system, log);
  } catch (error) {
    await log.flush();
    if (error instanceof StartError) throw new VerbError(explainStart(error), EXIT.FAILED);
    throw error;
  }
  log.report({ event: "stop", signal: await signal });
  await daemon.stop();
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

function explainStart({ message, address, cause }: StartError): string {
  const port = address?.replace(/^.*:/, "");
  switch (errorName(cause)) {
    case "AddrInUse":
      return `${message}: another program has this address. See which with: ss -lnptu 'sport = :${port}'
Stop that program, or name another address under [listen] in the policy.`;
    case "PermissionDenied":
      return `${message}: a port below 1024 needs a privilege. Do one of these:
  start fw-dns as root, or from a systemd unit with AmbientCapabilities=CAP_NET_BIND_SERVICE;
  or give it that one right: setcap cap_net_bind_service=+ep /path/to/fw-dns;
  or name a port of 1024 or more under [listen] in the policy.`;
    case "AddrNotAvailable":
      return `${message}: this host has no such address. See which it has with: ip address`;
    case "NotCapable":
      return `${message}: the permissions that this program was given do not cover it (${
        errorMessage(cause)
      }). Compile it for this policy: deno task compile --policy FILE`;
    default:
      return /too many open files|EMFILE/i.test(errorMessage(cause))
        ? `${message}: this process may open too few files. Let it open 4096: ulimit -n 4096, or LimitNOFILE=4096 in a systemd unit.`
        : `${message}: ${errorMessage(cause)}`;
  }
}
