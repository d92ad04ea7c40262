/** Runs of the program in a network namespace of its own. */

import { runInNamespaces } from "../namespaces.ts";
import type { Sight } from "./sight.ts";

/** What the clients of a run do. */
export type Clients = "silent" | "hostile";

/** Runs the program for some seconds and returns what its upstream saw. Needs root. */
export function runOnce(clients: Clients, seconds: number): Promise<Sight[]> {
  return runInNamespaces(new URL("run.ts", import.meta.url), clients, `${seconds}`);
}
