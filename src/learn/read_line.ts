/** A line of a log → what it tells: those of fw-dns, dnsmasq and Unbound, whatever stands in front of them. */

import { typeNumber } from "../wire/mod.ts";
import { type Line, OTHER, UNKNOWN } from "./look_up.ts";
import { readLoggedName } from "./logged_name.ts";
import { stripPrefix } from "./prefix.ts";

/** What was asked, in the log's own words. */
interface Told {
  readonly name: string;
  readonly type: string;
  readonly client: string;
  readonly time: number | undefined;
  readonly isReply?: boolean;
  readonly isListed?: boolean;
}

/** Reads one line. `now`, in ms since 1970, tells the year where the line does not. */
export function readLine(line: string, now: number): Line {
  const { time, rests } = stripPrefix(line, now);
  for (const rest of rests) {
    const read = rest.startsWith("{")
      ? readJson(rest, time, now)
      : readText(rest, time) ?? readDnsmasq(rest, time) ?? readUnbound(rest, time);
    if (read !== undefined) return read;
  }
  return UNKNOWN;
}

function lookUp({ name, type, client, time, isReply = false, isListed = false }: Told): Line {
  const number = typeNumber(type);
  if (number === undefined || !/^[\da-f.:]{2,45}$/i.test(client)) return OTHER;
  const read = readLoggedName(name);
  return {
    kind: "look-up",
    lookUp: { name: read, type: number, client: client.toLowerCase(), time, isReply, isListed },
  };
}

/** An object of fw-dns, or one of the journal that holds a line of anyone's. */
function readJson(text: string, time: number | undefined, now: number): Line | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { event, MESSAGE: message, __REALTIME_TIMESTAMP: stamp, ...query } = value as Record<
    string,
    unknown
  >;
  if (typeof message === "string" && event === undefined) {
    return readJournal(message, timeOf(stamp), now);
  }
  if (typeof event !== "string") return undefined;
  const { name, type, client, reason } = query;
  const said = typeof query.time === "string" ? Date.parse(query.time) : NaN;
  if (event !== "query" || typeof name !== "string" || typeof type !== "string") return OTHER;
  if (typeof client !== "string" || typeof reason !== "string") return OTHER;
  return readReason({ name, type, client, time: Number.isNaN(said) ? time : said }, reason);
}

/** A line in the journal is never JSON of the journal itself. */
function readJournal(message: string, time: number | undefined, now: number): Line {
  if (message.includes('"MESSAGE"')) return UNKNOWN;
  const line = readLine(message, now);
  if (line.kind !== "look-up" || line.lookUp.time !== undefined) return line;
  return { ...line, lookUp: { ...line.lookUp, time } };
}

/** The journal's microseconds since 1970 in ms; undefined where somebody else has written something else there. */
function timeOf(stamp: unknown): number | undefined {
  return typeof stamp === "string" && /^\d{1,16}$/.test(stamp) ? Number(stamp) / 1000 : undefined;
}

/** What no rule has listed, or not in its type, or no more, is what somebody may have to be allowed. */
function readReason(told: Told, reason: string): Line {
  switch (reason) {
    case "unlisted":
    // Over a cap of learning, or one of too many below a wildcard: a name to be listed by itself.
    case "budget":
      return lookUp(told);
    case "type":
    case "expired":
      return lookUp({ ...told, isListed: true });
    default:
      return OTHER;
  }
}

const VERDICTS = [
  "Learn, forward",
  "Learn, serve",
  "matches, forward",
  "matches, serve",
  "matches, no data for",
  "matches, but no answer for",
  "Drop packet",
  "Refuse",
  "Deny with NXDOMAIN",
  "Deny without data",
].join("|");

const TEXT = new RegExp(`^(?:${VERDICTS}) (?:(\\S+) (\\S+) from (\\S+?)((?:, .*)?)|.*)$`);

/** What else fw-dns says in text. */
const OTHER_TEXT =
  /^(?:Starting fw-dns|Listening on|Metrics and the status page are at|Connected to|Leak bound:|Running as|Ready:|Reloaded|Not reloaded|Warning:|Alarm:|Error:|Left out|Stopping on) /;

function readText(text: string, time: number | undefined): Line | undefined {
  const match = TEXT.exec(text);
  if (match === null) return OTHER_TEXT.test(text) ? OTHER : undefined;
  const [, name, type, client, rest = ""] = match;
  if (name === undefined) return OTHER;
  const reason = rest.split(", ").find((part) => part.startsWith("reason "))?.slice(7) ?? "listed";
  return readReason({ name, type: type!, client: client!, time }, reason);
}

/** A name of dnsmasq's may hold blanks, and anything else that can be printed: it ends with the last ` from `. */
const DNSMASQ = /^(?:\d+ \S+\/\d+ )?query\[([^\]]+)\] (.*) from (\S+)$/;

/** What else dnsmasq says of a look-up, or of itself. */
const OTHER_DNSMASQ =
  /^(?:\d+ \S+\/\d+ )?(?:forwarded|reply|cached(?:-stale)?|config|auth|DHCP\w*|\/\S+|dnssec-\S+|validation|rejected|query|started|compile|using|warning|reading|read|cleared|exiting|ignoring|error)\b/;

function readDnsmasq(text: string, time: number | undefined): Line | undefined {
  const match = DNSMASQ.exec(text);
  if (match === null) return OTHER_DNSMASQ.test(text) ? OTHER : undefined;
  const [, type = "", name = "", client = ""] = match;
  return lookUp({ name, type: type.replace(/^type=/, "TYPE"), client, time });
}

const UNBOUND = /^(?:unbound)?\[\d+:\w+\] (\w+): (.*)$/;
const UNBOUND_LOOK_UP = /^(\S+) (\S+) (\S+) IN( \w+ [\d.]+ [01] \d+.*)?$/;

function readUnbound(text: string, time: number | undefined): Line | undefined {
  const match = UNBOUND.exec(text);
  if (match === null) return undefined;
  const [, level = "", words = ""] = match;
  const [, client = "", name = "", type = "", reply] = UNBOUND_LOOK_UP.exec(words) ?? [];
  if (name === "" || !/^(?:info|query|reply)$/.test(level)) return OTHER;
  return lookUp({ name, type, client, time, isReply: reply !== undefined });
}
