/** Whether what a client heard is what it should have heard. */

import { aliasOf, type Origin, readData, type Truth, truthOf } from "./truth.ts";
import { type Group, GROUPS } from "./world.ts";

/** For how long the policy keeps answers past their TTL, in ms. */
export const STALE = 45_000;

/** The TTL of an answer that is no longer fresh, in s (RFC 8767 4). */
const STALE_TTL = 30;

/** How old an answer can be when it is first there, in ms, by its server: Unbound may have been suspended with it. */
const LATEST = [6000, 15_000] as const;

/** How much older where the machine had no time for it, in ms. */
const LATE_WHEN_STARVED = 15_000;

/** What the two ends of a comparison can be apart, in ms. */
const SLACK = 2000;

/** How long a round of tries may take, in ms, with some time to spare. */
const ROUND = 5000;

/** What a client asked for. */
export interface Asked {
  /** In small letters. */
  readonly name: string;
  readonly type: number;
  /** `plain`: a listed type of a listed name, or of one that may be. */
  readonly what: "plain" | "type" | "unlisted" | "malformed";
  readonly group: Group | undefined;
  readonly transport: "udp" | "tcp";
  /** In ms since the start of the soak. */
  readonly at: number;
  /** Which try of the client's it is, from 1. */
  readonly attempt: number;
}

/** A record of the answer section. */
export interface HeardRecord {
  readonly name: string;
  readonly type: string;
  /** In s. */
  readonly ttl: number;
  /** The bytes of an address, or a name in small letters. */
  readonly data: readonly number[] | string;
}

/** What a client heard. */
export interface Heard {
  readonly at: number;
  readonly rcode: string;
  readonly isTruncated: boolean;
  readonly records: readonly HeardRecord[];
  readonly hasSoa: boolean;
}

/** What is known of the time from when a client asked until it heard. */
export interface Circumstances {
  /** Whether the policy listed the name for all of that time; undefined: for a part of it. */
  readonly isListed: boolean | undefined;
  /** Whether one upstream of its rule was well for all of the time that an answer could have been sought in. */
  readonly isHealthy: boolean;
  /** Whether somebody flooded the firewall. */
  readonly isFlooded: boolean;
  /** Whether the machine had no time for it, or for who asks. */
  readonly isStarved: boolean;
  /** The newest answer to the same question that any client had heard before it was asked. */
  readonly known: Origin | undefined;
}

/** What a question came to. */
export interface Finding {
  readonly outcome:
    | "right"
    | "stale"
    | "truncated"
    | "servfail"
    | "denied"
    /** No reply, where there need be none. */
    | "silent"
    /** No reply, but for a reason that is not the firewall's: to be asked again. */
    | "excused"
    | "bad";
  /** Where it is `bad`: why. */
  readonly problem?: "wrong" | "lost" | "servfail" | "leaked";
  readonly words?: string;
  readonly origin?: Origin;
}

/** For how long before it was asked the upstreams' health matters to a SERVFAIL, in ms: it may be of the emission before. */
export function timeOfDoubt(group: Group | undefined): number {
  return ROUND + (group === undefined ? 0 : GROUPS[group].floor);
}

/** Judges a reply. */
export function judgeReply(asked: Asked, heard: Heard, around: Circumstances): Finding {
  const { what } = asked;
  if (what === "malformed") return bad("leaked", "an answer to what is malformed");
  if (what === "type") {
    const isNodata = heard.rcode === "NOERROR" && heard.records.length === 0 && heard.hasSoa;
    return isNodata
      ? { outcome: "right" }
      : bad("wrong", "no NODATA for a type that is not listed");
  }
  if (what === "plain" && around.isListed === true) return judgeListed(asked, heard, around);
  const denial = judgeDenial(heard);
  if (what === "unlisted" || around.isListed === false) return denial;
  return denial.outcome === "denied" ? denial : judgeListed(asked, heard, around);
}

/** Judges that no reply came in time. */
export function judgeSilence(asked: Asked, around: Circumstances): Finding {
  if (asked.what === "malformed" || asked.what === "unlisted") return { outcome: "silent" };
  if (asked.what === "plain" && around.isListed !== true) return { outcome: "silent" };
  if (around.isStarved || around.isFlooded && asked.attempt === 1) {
    return { outcome: "excused" };
  }
  return bad("lost", `no reply to try ${asked.attempt}`);
}

function bad(problem: NonNullable<Finding["problem"]>, words: string): Finding {
  return { outcome: "bad", problem, words };
}

function judgeDenial({ rcode, records }: Heard): Finding {
  return rcode === "REFUSED" && records.length === 0
    ? { outcome: "denied" }
    : bad("leaked", `${rcode} with ${records.length} records for a name that is not listed`);
}

function judgeListed(asked: Asked, heard: Heard, around: Circumstances): Finding {
  const truth = truthOf(asked.name, asked.type);
  if (heard.rcode === "SERVFAIL") return judgeFailure(asked, heard, around);
  const rcode = truth.kind === "nxdomain" ? "NXDOMAIN" : "NOERROR";
  if (heard.rcode !== rcode) return bad("wrong", `${heard.rcode} instead of ${rcode}`);
  if (heard.isTruncated) {
    const isDue = truth.kind === "many" && asked.transport === "udp";
    return isDue ? { outcome: "truncated" } : bad("wrong", "truncated");
  }
  if (truth.kind === "nxdomain" || truth.kind === "nodata") {
    const isEmpty = heard.records.length === 0 && heard.hasSoa;
    return isEmpty ? { outcome: "right" } : bad("wrong", "records that do not exist, or no SOA");
  }
  return judgeData(asked, heard, truth, around);
}

function judgeFailure(
  asked: Asked,
  heard: Heard,
  { isHealthy, isStarved, known }: Circumstances,
): Finding {
  if (isHealthy && !isStarved) return bad("servfail", "SERVFAIL though an upstream was well");
  const isKept = asked.group !== undefined && GROUPS[asked.group].isKept;
  const age = known === undefined ? Infinity : heard.at - known.time;
  if (isKept && age < STALE - SLACK) {
    return bad("servfail", `SERVFAIL though an answer is ${age} ms old`);
  }
  return { outcome: "servfail" };
}

function judgeData(
  asked: Asked,
  heard: Heard,
  { kind, ttl }: Truth,
  { isStarved }: Circumstances,
): Finding {
  const { name, type, group } = asked;
  const owner = kind === "alias" ? aliasOf(name) : name;
  const [first, ...rest] = heard.records;
  const data = kind === "alias" ? rest : heard.records;
  const hasAlias = first?.type === "CNAME" && first.name === name && first.data === owner;
  if (kind === "alias" && !hasAlias) return bad("wrong", "another CNAME");
  const typeText = type === 1 ? "A" : "AAAA";
  const addresses = data.filter((one) => one.name === owner && one.type === typeText)
    .map((one) => one.data as readonly number[]);
  const origin = readData(owner, type, addresses);
  if (origin === undefined || addresses.length !== data.length) {
    return bad("wrong", `other records: ${heard.records.map((one) => one.data).join(" ")}`);
  }
  const { floor, lead } = GROUPS[group!];
  const isStale = heard.records.every((one) => one.ttl === STALE_TTL);
  const late = (LATEST[origin.server] ?? 0) + (isStarved ? LATE_WHEN_STARVED : 0);
  const oldest = ttl * 1000 + floor + lead + late + (isStale ? STALE : 0);
  const age = heard.at - origin.time;
  if (age > oldest || age < -SLACK) {
    return bad("wrong", `${isStale ? "stale" : "fresh"}, ${age} ms old`);
  }
  const longest = Math.max(ttl, floor / 1000);
  if (!isStale && heard.records.some((one) => one.ttl > longest)) {
    return bad("wrong", "a longer TTL");
  }
  return { outcome: isStale ? "stale" : "right", origin };
}
