/** What the servers have in common that run an exported policy zone, as docs/fleet.md sets them up. */

import { join } from "node:path";
import { sleep } from "../../sleep.ts";
import type { PeerPlace } from "../server.ts";
import { guideFile } from "./rpz_guide.ts";

/** How long a server may take until it answers, in ms: to end instead of hanging, no more. */
const PATIENCE = 120_000;

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

/** Starts a server that stays in the foreground, and waits until it listens over TCP; returns what ends it. */
export async function launch(
  { folder, address }: PeerPlace,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const log = join(folder, "log");
  const [program, ...args] = words;
  // Nobody reads a pipe while a server runs for long.
  const shell = ["-c", 'exec "$0" "$@" > "$LOG" 2>&1', program!, ...args];
  const options = { args: shell, cwd: folder, env: { ...env, LOG: log }, stdin: "null" } as const;
  const child = new Deno.Command("sh", options).spawn();
  let hasEnded = false;
  const ended = child.status.then(() => hasEnded = true);
  const stop = async () => {
    if (!hasEnded) child.kill("SIGKILL");
    await ended;
  };
  const end = performance.now() + PATIENCE;
  while (!await isListening(address)) {
    if (hasEnded || performance.now() > end) {
      await stop();
      throw new Error(`${program}: ${await Deno.readTextFile(log).catch(() => "")}`);
    }
    await sleep(50);
  }
  return stop;
}

async function isListening({ hostname, port }: Deno.NetAddr): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}
