/** What syslog, journald, containers and the servers themselves put in front of a line. */

/** A line without what stands in front of it. */
export interface Stripped {
  /** In ms since 1970. */
  readonly time: number | undefined;
  /**
   * What may be the server's own words, the most likely first. Each begins before anything that a client has said, and
   * is compared from its beginning on: else a name could forge a line.
   */
  readonly rests: readonly string[];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAY = 24 * 60 * 60 * 1000;

/** `service  | ` of a compose file, and a priority of the journal or of syslog. */
const CONTAINER = /^(?:[\w.-]+ +\| )?(?:<\d{1,3}>)?/;

const STAMP =
  /^(?:\[(\d{9,11})(?:\.\d+)?\]|(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?|([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)?)\s+/;

/** A host and a program, as syslog has them. */
const TAG =
  /^(?:[\w.:-]+ )?(?!(?:info|error|warning|notice|debug|query|reply):)[\w./@-]+(?:\[\d+\])?: /;

/** A program that writes for a terminal. */
const OWN_TAG = /^(?:fw-dns|dnsmasq|unbound)(?:\[\d+\])?: /;

/** Takes off what stands in front of a line. `now`, in ms since 1970, tells the year where the line does not. */
export function stripPrefix(line: string, now: number): Stripped {
  const text = line.slice(CONTAINER.exec(line)![0].length);
  const stamp = STAMP.exec(text);
  if (stamp === null) {
    const own = OWN_TAG.exec(text);
    return { time: undefined, rests: own === null ? [text] : [text.slice(own[0].length)] };
  }
  const rest = withoutPriority(text.slice(stamp[0].length));
  const tag = TAG.exec(rest);
  return {
    time: readStamp(stamp, now),
    rests: tag === null ? [rest] : [rest, withoutPriority(rest.slice(tag[0].length))],
  };
}

function withoutPriority(text: string): string {
  return text.replace(/^<\d{1,3}>/, "");
}

function readStamp(stamp: RegExpExecArray, now: number): number | undefined {
  const [, seconds, date, fraction = "", zone = "Z", month, day, hour, minute, second] = stamp;
  if (seconds !== undefined) return Number(seconds) * 1000;
  if (date !== undefined) {
    const ms = fraction.padEnd(3, "0").slice(0, 3);
    return orUndefined(Date.parse(`${date.replace(" ", "T")}.${ms}${withColon(zone)}`));
  }
  const monthNumber = MONTHS.indexOf(month!);
  if (monthNumber < 0) return undefined;
  const inYear = (year: number): number =>
    Date.UTC(year, monthNumber, Number(day), Number(hour), Number(minute), Number(second));
  const year = new Date(now).getUTCFullYear();
  // A day for zones: later than that is of the year before.
  return inYear(year) > now + DAY ? inYear(year - 1) : inYear(year);
}

/** `+0100` as Date wants it. */
function withColon(zone: string): string {
  return zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
}

function orUndefined(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
