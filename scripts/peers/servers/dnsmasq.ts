/** dnsmasq with an exported configuration. */

import { askUntilAnswered } from "../../bench/ask.ts";
import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";

const PROGRAM = "dnsmasq";

/** How long its start may take, in ms: a million names take a while. */
const PATIENCE = 300_000;

/** dnsmasq. */
export const DNSMASQ: PeerServer = {
  title: "dnsmasq",
  target: "dnsmasq",
  program: PROGRAM,
  version: [PROGRAM, "--version"],
  start: async ({ folder, address }, exported) => {
    const file = `${folder}/fw-dns.conf`;
    await Deno.writeTextFile(file, exported);
    await must(PROGRAM, "--test", `--conf-file=${file}`);
    const log = `${folder}/log`;
    const child = new Deno.Command(PROGRAM, {
      // It stays in the foreground, and who it was started as.
      args: [
        "--keep-in-foreground",
        `--conf-file=${file}`,
        "--pid-file=",
        `--log-facility=${log}`,
        ...(Deno.uid() === 0 ? ["--user=root"] : []),
      ],
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
    throw new Error(await Deno.readTextFile(log).catch(() => `${PROGRAM} ended`));
  },
};
