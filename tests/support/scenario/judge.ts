/** Whether a client got what it had to get. */

import type { Expectation } from "./expectation.ts";
import { formatRange, isWithin } from "./forms.ts";
import type { ReadRecord, ReadReply } from "./reply.ts";

/** What is wrong with a reply; undefined where nothing is. */
export function judgeReply(it: Expectation, reply: ReadReply): string | undefined {
  return differs("the response code", reply.rcode, it.rcode!) ??
    differs("TC", reply.isTruncated, it.isTruncated) ??
    differs("AD", reply.isAuthenticated, it.isAuthenticated) ??
    (reply.hasOpt
      ? differs("the extended error", reply.extendedError, it.extendedError)
      : undefined) ??
    judgeRecords(it, reply.answers) ??
    judgeChain(reply) ??
    judgeAuthority(it, reply);
}

function differs<T>(what: string, got: T, wanted: T): string | undefined {
  return got === wanted ? undefined : `${what} is ${got}, not ${wanted}`;
}

function judgeRecords(it: Expectation, answers: readonly ReadRecord[]): string | undefined {
  if (it.many !== undefined) return judgeMany(it.many, answers);
  const told = (type: string, data: string): string => `${type} ${data}`;
  // fw-dns turns the records of a set from reply to reply: their order says nothing.
  const got = answers.map(({ type, data }) => told(type, data)).sort().join(", ");
  const wanted = it.records.map(({ type, data }) => told(type, data)).sort().join(", ");
  if (got !== wanted) return `the records are ${got || "none"}, not ${wanted || "none"}`;
  for (const { type, data, ttl } of it.records) {
    const found = answers.find((one) => one.type === type && one.data === data)!;
    if (ttl !== undefined && !isWithin(found.ttl, ttl)) {
      return `the TTL of ${type} ${data} is ${found.ttl}, not ${formatRange(ttl)}`;
    }
  }
  return undefined;
}

function judgeMany(
  { count, type, ttl }: NonNullable<Expectation["many"]>,
  answers: readonly ReadRecord[],
): string | undefined {
  const different =
    new Set(answers.filter((one) => one.type === type).map(({ data }) => data)).size;
  if (different !== count || answers.length !== count) {
    return `there are ${answers.length} records, ${different} of them different ${type} records, not ${count}`;
  }
  const odd = answers.find((one) => ttl !== undefined && !isWithin(one.ttl, ttl));
  return odd && `a TTL is ${odd.ttl}, not ${formatRange(ttl!)}`;
}

/** Each record belongs to the asked name, or to where the CNAMEs before it lead. */
function judgeChain({ question, answers }: ReadReply): string | undefined {
  let owner = question.split(" ")[0]!.toLowerCase();
  for (const one of answers) {
    if (one.owner !== owner) {
      return `${one.type} ${one.data} is said of ${one.owner}, not of ${owner}`;
    }
    if (one.type === "CNAME" && !question.endsWith(" CNAME")) owner = one.data;
  }
  return undefined;
}

/** A negative answer has an SOA, so that it can be kept (RFC 2308); nothing else has anything there. */
function judgeAuthority(
  it: Expectation,
  { rcode, answers, authority, isTruncated }: ReadReply,
): string | undefined {
  const isNegative = (rcode === "NOERROR" || rcode === "NXDOMAIN") && answers.length === 0;
  const wanted = isNegative && !isTruncated ? "SOA" : "";
  const got = authority.map(({ type }) => type).join(" ");
  if (got !== wanted) {
    return `in the authority section is ${got || "nothing"}, not ${wanted || "nothing"}`;
  }
  if (it.soaTtl === undefined) return undefined;
  const soa = authority[0];
  if (soa !== undefined && isWithin(soa.ttl, it.soaTtl)) return undefined;
  return `the SOA's TTL is ${soa?.ttl ?? "none"}, not ${formatRange(it.soaTtl)}`;
}
