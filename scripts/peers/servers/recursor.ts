/** PowerDNS Recursor with an exported script. */

import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";
import { answering, launch } from "./launch.ts";

const PROGRAM = "pdns_recursor";

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
  start: async (place, exported) => {
    const args = await writeRecursorFiles(place.folder, exported);
    await must(PROGRAM, ...args, "--config=check");
    return await launch(place, [PROGRAM, ...args], answering);
  },
};
