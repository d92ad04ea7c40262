/** What a process takes, as Linux counts it (proc(5)). */

/** Clock ticks a second: what Linux shows to programs, whatever its own. */
const TICKS = 100;

/** CPU time in s of a line of /proc/PID/stat: its own, and that of its children that have ended. */
export function parseCpu(stat: string): number {
  // The second field is a name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) / TICKS;
}

/** A line of /proc/PID/status in MB, undefined where it is not there: `VmRSS` now, `VmHWM` at most so far. */
export function parseMemory(status: string, line: "VmRSS" | "VmHWM"): number | undefined {
  const found = new RegExp(`^${line}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return found === undefined ? undefined : Number(found) * 1024 / 1e6;
}

/** CPU time in s of a process and all below it. */
export async function cpuOf(pid: number): Promise<number> {
  const own = parseCpu(await Deno.readTextFile(`/proc/${pid}/stat`));
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  // dnsmasq has a process for each TCP connection.
  const below = await Promise.all(
    children.split(" ").filter((one) => one !== "").map((one) => cpuOf(Number(one)).catch(() => 0)),
  );
  return below.reduce((sum, one) => sum + one, own);
}

/** Memory that a process holds now, and at most so far; in MB. */
export async function memoryOf(pid: number): Promise<{ rss: number; peak: number }> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return { rss: parseMemory(status, "VmRSS") ?? NaN, peak: parseMemory(status, "VmHWM") ?? NaN };
}
