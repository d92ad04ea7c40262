/** What the firewall's process holds over time, and whether that grows. */

import { cpuOf, memoryOf } from "../bench/process.ts";

/** The process at a time. */
export interface Sample {
  /** In ms since the start of the soak. */
  readonly at: number;
  /** In MB. */
  readonly rss: number;
  readonly descriptors: number;
  /** How many of them are sockets. */
  readonly sockets: number;
  /** CPU time since it started, in s. */
  readonly cpu: number;
}

/** Something that should be flat. */
export interface Growth {
  readonly what: "rss" | "descriptors" | "sockets";
  /** The medians of the second quarter and of the last one. */
  readonly second: number;
  readonly last: number;
  /** Growth as a share, negative where it shrank. */
  readonly share: number;
  readonly isFlat: boolean;
}

/** How much more the last quarter may have than the second. */
export const MOST_GROWTH = 0.05;

/** A soak that is shorter says nothing about growth, in ms: what is made when it is first asked for is not there yet. */
export const SHORTEST = 240_000;

/** Looks at a process. Throws where it has ended. */
export async function sample(pid: number, at: number): Promise<Sample> {
  const [{ rss }, cpu, links] = await Promise.all([memoryOf(pid), cpuOf(pid), readLinks(pid)]);
  const sockets = links.filter((link) => link.startsWith("socket:")).length;
  return { at, rss, descriptors: links.length, sockets, cpu };
}

async function readLinks(pid: number): Promise<string[]> {
  const links: Promise<string>[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    // One that is gone meanwhile is none.
    links.push(Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => ""));
  }
  return (await Promise.all(links)).filter((link) => link !== "");
}

/** Compares the last quarter of a soak of that length (ms) with the second; nothing where it was too short for that. */
export function judgeGrowth(samples: readonly Sample[], length: number): readonly Growth[] {
  if (length < SHORTEST) return [];
  const quarter = (number: number): readonly Sample[] =>
    samples.filter(({ at }) => at >= length * (number - 1) / 4 && at < length * number / 4);
  return (["rss", "descriptors", "sockets"] as const).map((what) => {
    const [second, last] = [quarter(2), quarter(4)].map((some) => median(some.map((s) => s[what])));
    const share = last! / second! - 1;
    return { what, second: second!, last: last!, share, isFlat: share <= MOST_GROWTH };
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** How long a process has been ready to run without running, in ms: for its first thread, which does all the work. */
export async function waitOf(pid: number): Promise<number> {
  const [, waited = ""] = (await Deno.readTextFile(`/proc/${pid}/schedstat`)).split(" ");
  return Number(waited) / 1e6;
}
