/** What the servers have in common that run an exported policy zone, as docs/fleet.md sets them up. */

import { join } from "node:path";
import type { PeerPlace } from "../server.ts";
import { guideFile } from "./rpz_guide.ts";

/** The files of the two zones. */
export interface ZoneFiles {
  readonly zone: string;
  readonly closed: string;
}

/** Writes both zones into the folder of a server. Rejects with the words of named-checkzone where one has a fault. */
export async function writeZones({ folder }: PeerPlace, exported: string): Promise<ZoneFiles> {
  const files = { zone: join(folder, "fw-dns.rpz.zone"), closed: join(folder, "closed.zone") };
  await Deno.writeTextFile(files.zone, exported);
  await Deno.writeTextFile(files.closed, guideFile("bind:/etc/bind/closed.zone"));
  await checkZone(files.zone);
  return files;
}

/** What named-checkzone finds, it prints on standard output. */
async function checkZone(file: string): Promise<void> {
  const command = new Deno.Command("named-checkzone", { args: ["fw-dns.rpz", file] });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stdout) + decoder.decode(stderr));
}
