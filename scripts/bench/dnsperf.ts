/** dnsperf: asks as fast as replies come. */

/** What is under way at the end, and what a server that closes connections now and then loses. */
const MOST_LOST = 0.03;

/** What a run of dnsperf came to. */
export interface Load {
  readonly sent: number;
  readonly completed: number;
  /** Replies a second. */
  readonly rate: number;
  /** How many replies had each RCODE, by its name. */
  readonly rcodes: Readonly<Record<string, number>>;
}

/** Reads what dnsperf prints at its end. Throws where that is not all there. */
export function parseLoad(text: string): Load {
  const number = (label: string): number => {
    const found = new RegExp(`^ *${label}: +(\\d+(?:\\.\\d+)?)`, "m").exec(text)?.[1];
    if (found === undefined) throw new Error(`dnsperf did not say "${label}":\n${text}`);
    return Number(found);
  };
  const codes = /^ *Response codes: +(.*)$/m.exec(text)?.[1] ?? "";
  return {
    sent: number("Queries sent"),
    completed: number("Queries completed"),
    rate: number("Queries per second"),
    rcodes: Object.fromEntries(
      [...codes.matchAll(/([A-Z0-9]+) (\d+) \(/g)].map(([, code, count]) => [code!, Number(count)]),
    ),
  };
}

/** How dnsperf is to ask. */
export interface Drive {
  readonly port: number;
  /** A file with a name and a type a line. */
  readonly queries: string;
  /** For how long, in s; or how many times it goes through the file. */
  readonly end: { readonly seconds: number } | { readonly times: number };
  readonly isTcp?: boolean;
  /** Queries that wait for a reply at a time. */
  readonly outstanding?: number;
}

/** Its arguments: four sockets, a hundred queries under way. */
export function driveArgs({ port, queries, end, isTcp, outstanding = 100 }: Drive): string[] {
  const until = "seconds" in end ? ["-l", `${end.seconds}`] : ["-n", `${end.times}`];
  const args = ["-s", "127.0.0.1", "-p", `${port}`, "-d", queries, "-c", "4", ...until];
  return [...args, "-q", `${outstanding}`, ...(isTcp ? ["-m", "tcp"] : [])];
}

/** Why a load does not count; undefined where replies are what they should be. `wanted` are shares of RCODEs, 0 to 1. */
export function findFault(
  load: Load,
  wanted: Readonly<Record<string, number>>,
): string | undefined {
  const lost = 1 - load.completed / Math.max(1, load.sent);
  if (load.completed === 0 || lost > MOST_LOST) {
    return `of ${load.sent} queries ${load.completed} were answered`;
  }
  const isAsWanted = Object.entries(wanted).every(([code, share]) =>
    Math.abs((load.rcodes[code] ?? 0) / load.completed - share) < 0.02
  );
  return isAsWanted ? undefined : `it answered ${JSON.stringify(load.rcodes)}`;
}
