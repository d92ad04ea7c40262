/** dnsdist with an exported configuration. */

import { askUntilAnswered } from "../../bench/ask.ts";
import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";

const PROGRAM = "dnsdist";

/** How long its start may take, in ms: a million names take a while. */
const PATIENCE = 300_000;

/** dnsdist. */
export const DNSDIST: PeerServer = {
  title: "dnsdist",
  target: "dnsdist",
  program: PROGRAM,
  version: [PROGRAM, "--version"],
  start: async ({ folder, address }, exported) => {
    const file = `${folder}/dnsdist.conf`;
    await Deno.writeTextFile(file, exported);
    await must(PROGRAM, "--check-config", "-C", file);
    const log = await Deno.open(`${folder}/log`, { write: true, create: true, truncate: true });
    const child = new Deno.Command(PROGRAM, {
      // It stays in the foreground; before it answers, it has asked its upstreams whether they are there.
      args: ["--supervised", "--disable-syslog", "-C", file],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const written = child.stdout.pipeTo(log.writable);
    let hasEnded = false;
    void child.status.then(() => hasEnded = true);
    const stop = async (): Promise<void> => {
      if (!hasEnded) child.kill("SIGKILL");
      await Promise.all([child.status, written]);
    };
    const end = performance.now() + PATIENCE;
    const isOver = (): boolean => hasEnded || performance.now() > end;
    // It answers that itself, whatever the policy.
    if (await askUntilAnswered(address.port, "localhost", isOver)) return stop;
    await stop();
    throw new Error(await Deno.readTextFile(`${folder}/log`));
  },
};
