/** PowerDNS Recursor with an exported script. */

import { askUntilAnswered } from "../../bench/ask.ts";
import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";

const PROGRAM = "pdns_recursor";

/** How long its start may take, in ms: to end instead of hanging, no more. */
const PATIENCE = 60_000;

/** Splits the exported text into the files that its head tells to write; the words that start the Recursor on them. */
export async function writeRecursorFiles(folder: string, exported: string): Promise<string[]> {
  const linesOf = (mark: string): string =>
    exported.split("\n").filter((line) => line.startsWith(mark))
      .map((line) => `${line.slice(mark.length)}\n`).join("");
  // The files know each other by where they are in earnest.
  const inFolder = (text: string): string => text.replaceAll("/etc/powerdns/", `${folder}/`);
  const files = {
    "recursor.conf": inFolder(linesOf("--| ")),
    "fw-dns-closed.lua": inFolder(linesOf("--: ")),
    "fw-dns-closed.zone": linesOf("--; "),
    "fw-dns.lua": exported,
  };
  for (const [file, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${file}`, text);
  }
  return [
    `--config-dir=${folder}`,
    `--socket-dir=${folder}`,
    "--daemon=no",
    "--write-pid=no",
    // It stays who it was started as: the folder may be for that account alone.
    "--setuid=",
    "--setgid=",
  ];
}

/** PowerDNS Recursor. */
export const RECURSOR: PeerServer = {
  title: "PowerDNS Recursor",
  target: "pdns-lua",
  program: PROGRAM,
  version: [PROGRAM, "--version"],
  start: async ({ folder, address }, exported) => {
    const args = await writeRecursorFiles(folder, exported);
    await must(PROGRAM, ...args, "--config=check");
    const log = await Deno.open(`${folder}/log`, { write: true, create: true, truncate: true });
    const child = new Deno.Command(PROGRAM, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    })
      .spawn();
    const written = child.stderr.pipeTo(log.writable);
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
