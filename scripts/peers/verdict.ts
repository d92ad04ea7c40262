/** What a reply comes to, whoever wrote it. */

import { rcodeName, TYPE } from "../../src/wire/mod.ts";
import { passName } from "../../src/wire/name.ts";

/** What a client got. */
export interface Verdict {
  /** `nothing`, `answer`, `NODATA`, `NXDOMAIN`, `REFUSED`, `SERVFAIL` … */
  readonly word: string;
  /** Of addresses, the data in a fixed order; of other types how many records there are. */
  readonly data?: string;
}

/** No reply came. */
export const NOTHING: Verdict = { word: "nothing" };

/** TC is set: the whole of it is to be had over TCP. */
export const TRUNCATED: Verdict = { word: "truncated" };

const UNREADABLE: Verdict = { word: "an unreadable reply" };
const ANY = 255;
const BADVERS = 16;
const HEADER_BYTES = 12;
const TRUNCATION = 0x02;
const RESPONSE = 0x80;

interface RecordRead {
  readonly isAnswer: boolean;
  readonly type: number;
  /** Of an OPT (RFC 6891 6.1.3). */
  readonly extendedRcode: number;
  readonly data: Uint8Array;
}

/** Reads a reply to a question for a type; for a packet that asks for none, `type` is undefined. */
export function readVerdict(reply: Uint8Array, type: number | undefined): Verdict {
  if (reply.length < HEADER_BYTES || (reply[2]! & RESPONSE) === 0) return UNREADABLE;
  if ((reply[2]! & TRUNCATION) !== 0) return TRUNCATED;
  const short = reply[3]! & 15;
  const records = readRecords(reply);
  // An error may come with no more than the header of what was asked.
  if (records === undefined) return short === 0 ? UNREADABLE : { word: rcodeName(short) };
  const opt = records.find((one) => one.type === TYPE.OPT);
  const rcode = (opt?.extendedRcode ?? 0) << 4 | short;
  if (rcode !== 0) return { word: rcode === BADVERS ? "BADVERS" : rcodeName(rcode) };
  const asked = records.filter((one) => one.isAnswer && (type === ANY || one.type === type));
  // A CNAME without what it leads to is no data.
  if (asked.length === 0) return { word: "NODATA" };
  const isAddress = type === TYPE.A || type === TYPE.AAAA;
  const data = isAddress
    ? asked.map((one) => one.data.toHex()).sort().join(" ")
    : type === ANY
    ? ""
    : `${asked.length}`;
  return { word: "answer", data };
}

function readRecords(reply: Uint8Array): RecordRead[] | undefined {
  const number = (at: number): number => (reply[at] ?? 0) << 8 | (reply[at + 1] ?? 0);
  const [questions, answers, authority, additional] = [4, 6, 8, 10].map(number) as [
    ...[number, number, number, number],
  ];
  let at = HEADER_BYTES;
  for (let i = 0; i < questions; i++) {
    const name = passName(reply, at);
    if (name === undefined) return undefined;
    at = name.end + 4;
  }
  const records: RecordRead[] = [];
  for (let i = 0; i < answers + authority + additional; i++) {
    const name = passName(reply, at);
    if (name === undefined) return undefined;
    const start = name.end + 10;
    const end = start + number(name.end + 8);
    if (end > reply.length) return undefined;
    records.push({
      isAnswer: i < answers,
      type: number(name.end),
      extendedRcode: reply[name.end + 4]!,
      data: reply.slice(start, end),
    });
    at = end;
  }
  return records;
}

/** Whether two verdicts are one. */
export function isSame(a: Verdict, b: Verdict): boolean {
  return a.word === b.word && a.data === b.data;
}

/** How a peer's verdict stands to that of fw-dns. */
export type Standing = "same" | "stricter" | "laxer" | "otherwise";

/**
 * `laxer`: data that fw-dns does not give; `stricter`: less data than fw-dns gives; `otherwise`: no data from either, in
 * other words.
 */
export function compareVerdicts(ours: Verdict, theirs: Verdict): Standing {
  if (isSame(ours, theirs)) return "same";
  const [mine, others] = [ours, theirs].map(({ word, data = "" }) =>
    new Set(word === "answer" ? data.split(" ") : [])
  ) as [Set<string>, Set<string>];
  if (mine.size === 0 && others.size === 0) return "otherwise";
  return others.isSubsetOf(mine) ? "stricter" : "laxer";
}
