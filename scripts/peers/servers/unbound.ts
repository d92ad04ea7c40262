/** Unbound with an exported configuration. */

import { askUntilAnswered } from "../../bench/ask.ts";
import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";

const PROGRAM = "unbound";

/** How long its start may take, in ms: a million names take a while. */
const PATIENCE = 300_000;

/** Unbound. */
export const UNBOUND: PeerServer = {
  title: "Unbound",
  target: "unbound",
  program: PROGRAM,
  version: [PROGRAM, "-V"],
  start: async ({ folder, address }, exported) => {
    const file = `${folder}/fw-dns.conf`;
    await Deno.writeTextFile(file, exported);
    await must("unbound-checkconf", file);
    // It stays in the foreground, as who it was started as, and in this folder; the exported text is as it is.
    const around = `${folder}/unbound.conf`;
    await Deno.writeTextFile(
      around,
      `server:
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  logfile: "${folder}/log"
include: "${file}"
`,
    );
    const child = new Deno.Command(PROGRAM, {
      args: ["-d", "-c", around],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let hasEnded = false;
    void child.status.then(() => hasEnded = true);
    const stop = async (): Promise<void> => {
      if (!hasEnded) child.kill("SIGKILL");
      await child.status;
    };
    const end = performance.now() + PATIENCE;
    const isOver = (): boolean => hasEnded || performance.now() > end;
    // It answers that itself, whatever the policy.
    if (await askUntilAnswered(address.port, "localhost", isOver)) return stop;
    await stop();
    throw new Error(await Deno.readTextFile(`${folder}/log`).catch(() => `${PROGRAM} ended`));
  },
};
