/** Starts a real server, and knows when it is there. */

import { join } from "node:path";
import { askUntilAnswered } from "../../bench/ask.ts";
import { sleep } from "../../sleep.ts";
import type { PeerPlace } from "../server.ts";

/** How long a start may take, in ms: a million names take a while. */
const PATIENCE = 300_000;

/** Waits until a server is there; false where `isOver` says that nobody waits any longer. */
type Wait = (address: Deno.NetAddr, isOver: () => boolean) => Promise<boolean>;

/** Until it answers for `localhost`, which it does by itself, whatever the policy. */
export function answering({ port }: Deno.NetAddr, isOver: () => boolean): Promise<boolean> {
  return askUntilAnswered(port, "localhost", isOver);
}

/** Until it takes connections. */
export async function listening(address: Deno.NetAddr, isOver: () => boolean): Promise<boolean> {
  while (!await isListening(address)) {
    if (isOver()) return false;
    await sleep(50);
  }
  return true;
}

/**
 * Starts a server that stays in the foreground, in its folder, and waits until it is there; returns what ends it. Rejects
 * with what it has printed where it does not come.
 */
export async function launch(
  { folder, address }: PeerPlace,
  words: readonly string[],
  wait: Wait,
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
  const stop = async (): Promise<void> => {
    if (!hasEnded) child.kill("SIGKILL");
    await ended;
  };
  const end = performance.now() + PATIENCE;
  if (await wait(address, () => hasEnded || performance.now() > end)) return stop;
  await stop();
  throw new Error(`${program}: ${await Deno.readTextFile(log).catch(() => "")}`);
}

async function isListening({ hostname, port }: Deno.NetAddr): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}
