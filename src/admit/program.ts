/** The helper as a program: it alone may change the packet filter, and it can do nothing else. */

import type { Permissions, StreamListener, System } from "../system/mod.ts";
import { Complaints } from "./complaints.ts";
import { Filter } from "./filter.ts";
import { NFT } from "./nft.ts";
import { ADMIT_FOLDER, ADMIT_SOCKET } from "./protocol.ts";
import { serve } from "./service.ts";

const USAGE = `Usage: fw-dns-admit

Lets this host's firewall let out to the addresses that fw-dns run --resolved-only has just
resolved. Listens on ${ADMIT_SOCKET}, takes lines of ADDRESS SECONDS there, and
puts them into the sets resolved4 and resolved6 of nftables' table inet fw_dns. It needs
CAP_NET_ADMIN, a ruleset (fw-dns lockdown --to nft --resolved-only) and a folder for its
socket (fw-dns lockdown --to systemd --resolved-only has a unit that makes one).
`;

const MAKE_FOLDER = `make it so: install -d -m 2750 -g fw-dns ${ADMIT_FOLDER}`;

/** Only the owner and the daemon's group may connect. */
const SOCKET_MODE = 0o660;

/** The narrowest flags under which it can run. */
export function admitFlags({ knowsUnixSockets }: Pick<Permissions, "knowsUnixSockets">): string[] {
  return [
    "--no-prompt",
    ...(knowsUnixSockets ? [`--allow-net=unix:${ADMIT_SOCKET}`] : []),
    `--allow-read=${ADMIT_FOLDER}`,
    `--allow-write=${ADMIT_SOCKET}`,
    `--allow-run=${NFT}`,
  ];
}

/** Serves until SIGTERM or SIGINT; the result is the exit code: 0, 1 where it could not start, 2 for usage. */
export async function admit(args: readonly string[], system: System): Promise<0 | 1 | 2> {
  const { stdout, stderr } = system.process;
  if (args.length > 0) {
    const isHelp = args.length === 1 && ["--help", "-h"].includes(args[0]!);
    await (isHelp ? stdout : stderr).write(USAGE);
    return isHelp ? 0 : 2;
  }
  let listener: StreamListener;
  try {
    const problem = await judgeFolder(system);
    if (problem !== undefined) throw new Error(problem);
    listener = system.unix.listen(ADMIT_SOCKET, SOCKET_MODE);
  } catch (error) {
    await stderr.write(`Cannot listen on ${ADMIT_SOCKET}: ${explain(error)}\n`);
    return 1;
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    system.process.onSignal(signal, () => listener.close());
  }
  await stdout.write(`Starting fw-dns-admit\nListening on ${ADMIT_SOCKET}\n`);
  const complaints = new Complaints(system.clock, (message) => {
    // Whoever read our output has read enough.
    stdout.write(`Error: ${message}\n`).catch(() => {});
  });
  const filter = new Filter({ ...system, complaints });
  // Before the first request, which waits in the socket until then.
  await filter.learn();
  await serve(listener, filter);
  await stdout.write("Stopping\n");
  return 0;
}

/** Who may write to the folder could take the socket's place; who may enter it could connect. */
async function judgeFolder({ files }: Pick<System, "files">): Promise<string | undefined> {
  const { isFolder, mode } = await files.facts(ADMIT_FOLDER);
  if (!isFolder) return `${ADMIT_FOLDER} is no folder`;
  if ((mode & 0o027) === 0) return undefined;
  return `others may enter ${ADMIT_FOLDER}, or its group may write there: ${MAKE_FOLDER}`;
}

function explain(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === "NotFound") return `there is no folder ${ADMIT_FOLDER}: ${MAKE_FOLDER}`;
  if (name === "PermissionDenied") {
    return `this user may not: ${MAKE_FOLDER}, and start this as its owner`;
  }
  return message;
}
