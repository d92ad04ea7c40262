/** Runs of the program in a network namespace of its own. */

import type { Sight } from "./sight.ts";

/** What the clients of a run do. */
export type Clients = "silent" | "hostile";

/** Runs the program for some seconds and returns what its upstream saw. Needs root. */
export async function runOnce(clients: Clients, seconds: number): Promise<Sight[]> {
  const { success, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "--mount", "--pid", "--fork", "--kill-child", Deno.execPath(), "run"],
      ...["--no-check", "--unstable-net", "-A", new URL("run.ts", import.meta.url).pathname],
      ...[clients, `${seconds}`],
    ],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`The run ended badly: ${text}${new TextDecoder().decode(stderr)}`);
  return JSON.parse(text);
}
