/** What a client has to get, in phrases. */

import {
  type Form,
  type Range,
  RCODE_FORM,
  readDuration,
  readForm,
  readRange,
  readType,
} from "./forms.ts";
import { errorAt, type Line, splitOutsideQuotes } from "./source.ts";

interface ExpectedRecord {
  readonly type: string;
  readonly data: string;
  readonly ttl: Range | undefined;
}

/** What has to come, and when; times are in ms from when the client asked. */
export interface Expectation {
  readonly line: Line;
  isNothing: boolean;
  rcode: string | undefined;
  hasNoRecords: boolean;
  readonly records: ExpectedRecord[];
  /** So many records of one type. */
  many:
    | { readonly count: number; readonly type: string; readonly ttl: Range | undefined }
    | undefined;
  soaTtl: Range | undefined;
  extendedError: number | undefined;
  isTruncated: boolean;
  isAuthenticated: boolean;
  earliest: number;
  latest: number;
  /** How many clients get this, in a row. */
  clients: number;
}

/** A client hears something by then, whatever happens; in ms. */
const LONGEST_WAIT = 4500;

type Change = (expectation: Expectation) => void;

const FORMS: readonly Form<Change>[] = [
  { like: "nothing", form: /nothing/, read: () => (it) => it.isNothing = true },
  {
    like: "NOERROR",
    form: new RegExp(`(${RCODE_FORM})`),
    read: ([rcode], line) => (it) => {
      if (it.rcode !== undefined) throw errorAt(line, "two response codes");
      it.rcode = rcode;
    },
  },
  { like: "no records", form: /no records/, read: () => (it) => it.hasNoRecords = true },
  {
    like: "soa ttl 10",
    form: /soa ttl (\d+(?: to \d+)?)/,
    read: ([ttl], line) => {
      const range = readRange(ttl, line);
      return (it) => it.soaTtl = range;
    },
  },
  {
    like: "extended error 3",
    form: /extended error (\d+)/,
    read: ([code]) => (it) => it.extendedError = Number(code),
  },
  { like: "truncated", form: /truncated/, read: () => (it) => it.isTruncated = true },
  { like: "authenticated", form: /authenticated/, read: () => (it) => it.isAuthenticated = true },
  { like: "at once", form: /at once/, read: () => (it) => it.latest = 0 },
  {
    like: "within 100ms",
    form: /within (\S+)/,
    read: ([time], line) => {
      const latest = readDuration(time, line);
      return (it) => it.latest = latest;
    },
  },
  {
    like: "after 900ms",
    form: /after (\S+)/,
    read: ([time], line) => {
      const earliest = readDuration(time, line);
      return (it) => it.earliest = earliest;
    },
  },
  {
    like: "20 times",
    form: /(\d+) times/,
    read: ([count]) => (it) => it.clients = Number(count),
  },
  {
    like: "256 A records ttl 60",
    form: /(\d+) ([A-Z]+) records(?: ttl (\d+(?: to \d+)?))?/,
    read: ([count, type, ttl], line) => {
      readType(type, line);
      const range = ttl === undefined ? undefined : readRange(ttl, line);
      return (it) => it.many = { count: Number(count), type: type!, ttl: range };
    },
  },
  {
    like: "A 192.0.2.1 ttl 60",
    form: /([A-Z]+) (\S.*?)(?: ttl (\d+(?: to \d+)?))?/,
    read: ([type, data, ttl], line) => {
      readType(type, line);
      const range = ttl === undefined ? undefined : readRange(ttl, line);
      return (it) => it.records.push({ type: type!, data: data!, ttl: range });
    },
  },
];

/** Reads what stands behind "expect". Throws the line's error. */
export function readExpectation(written: string, line: Line): Expectation {
  const it: Expectation = {
    line,
    isNothing: false,
    rcode: undefined,
    hasNoRecords: false,
    records: [],
    many: undefined,
    soaTtl: undefined,
    extendedError: undefined,
    isTruncated: false,
    isAuthenticated: false,
    earliest: 0,
    latest: LONGEST_WAIT,
    clients: 1,
  };
  for (const phrase of splitOutsideQuotes(written, ",")) readForm(FORMS, phrase, line)(it);
  const problem = contradiction(it);
  if (problem !== undefined) throw errorAt(line, problem);
  return it;
}

function contradiction(it: Expectation): string | undefined {
  const saysRecords = it.records.length > 0 || it.many !== undefined;
  if (it.isNothing) {
    return saysRecords || it.rcode !== undefined
      ? "nothing comes without a code or records"
      : undefined;
  }
  if (it.rcode === undefined) return 'say which response code comes, like "NOERROR", or "nothing"';
  if (saysRecords && it.hasNoRecords) return "there are records, or there are none";
  const needsRecords = it.rcode === "NOERROR" && !it.isTruncated;
  if (needsRecords && !saysRecords && !it.hasNoRecords) {
    return 'say which records come, or "no records"';
  }
  if (it.earliest > it.latest) return "it cannot come after its latest time";
  return undefined;
}
