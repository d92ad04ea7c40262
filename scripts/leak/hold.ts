/** Holding ports, so that nobody else gets them. */

import { SYSTEM_PORTS } from "./clients.ts";

/** A process may have so many ports: less than the files that it may have open. */
const PORTS_OF_A_PROCESS = 12_000;

/** Takes the UDP ports of a range that are free, up to one before `end`. */
export function holdPorts(first: number, end: number): Map<number, Deno.DatagramConn> {
  const held = new Map<number, Deno.DatagramConn>();
  for (let port = first; port < end; port++) {
    const socket = holdPort(port);
    if (socket !== undefined) held.set(port, socket);
  }
  return held;
}

/** Takes a UDP port; undefined where someone has it. */
export function holdPort(port: number): Deno.DatagramConn | undefined {
  try {
    return Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port });
  } catch {
    return undefined;
  }
}

/** Starts processes that take every free UDP port from 1024 on but for those that the system gives out. */
export async function startNeighbours(): Promise<Deno.ChildProcess[]> {
  const { first, count } = SYSTEM_PORTS;
  const ranges: [number, number][] = [];
  for (const [from, end] of [[1024, first], [first + count, 65_536]] as const) {
    for (let at = from; at < end; at += PORTS_OF_A_PROCESS) {
      ranges.push([at, Math.min(end, at + PORTS_OF_A_PROCESS)]);
    }
  }
  return await Promise.all(ranges.map(startNeighbour));
}

async function startNeighbour(range: readonly number[]): Promise<Deno.ChildProcess> {
  const script = new URL("neighbour.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--unstable-net", "-A", script, ...range.map(String)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  // Its one line comes when it has them.
  const reader = child.stdout.getReader();
  if ((await reader.read()).done) throw new Error("A neighbour ended");
  return child;
}
