/** What of an answer a client may have: an address can be an attack, or a command. */

import {
  type Answer,
  canonicalSet,
  EXTENDED_ERROR,
  filterHints,
  LOCAL_NEGATIVE_TTL,
  negativeAnswer,
  RCODE,
  TYPE,
} from "../wire/mod.ts";
import type { SubnetList } from "./address.ts";
import { isReserved } from "./reserved.ts";
import type { Rule } from "./rule.ts";

/** What a client is told where nothing that came may pass (RFC 8914 4.18). */
const FILTERED = negativeAnswer(RCODE.NOERROR, LOCAL_NEGATIVE_TTL, EXTENDED_ERROR.FILTERED);

/** The types whose data holds addresses, so that they are judged. */
export const ADDRESS_TYPES: readonly number[] = [TYPE.A, TYPE.AAAA, TYPE.SVCB, TYPE.HTTPS];

/**
 * An answer without what its rule does not let through; the same object where all may pass. What was validated is
 * the whole set: a part of it is not authenticated.
 */
export function judgeAnswer(rule: Rule, type: number, answer: Answer): Answer {
  if (answer.data.length === 0) return answer;
  const data = judgeData(rule, type, answer.data);
  if (data.length === 0) return FILTERED;
  const isSame = data.length === answer.data.length &&
    data.every((one, i) => one === answer.data[i]);
  return isSame ? answer : { ...answer, data, authenticated: false };
}

/** Whether two rules make the same of every answer, and keep it for the same time. */
export function judgesAlike(a: Rule, b: Rule): boolean {
  return a.minTtl === b.minTtl && a.allowsPrivate === b.allowsPrivate &&
    textOf(a.within) === textOf(b.within);
}

function textOf(within: SubnetList | undefined): string {
  return within === undefined ? "anywhere" : within.subnets.map(({ text }) => text).join(" ");
}

function judgeData(
  rule: Rule,
  type: number,
  data: readonly Uint8Array[],
): readonly Uint8Array[] {
  switch (type) {
    case TYPE.A:
      return data.filter((address) => address.length === 4 && mayPass(rule, address));
    case TYPE.AAAA:
      return data.filter((address) => address.length === 16 && mayPass(rule, address));
    case TYPE.SVCB:
    case TYPE.HTTPS:
      return judgeServices(rule, data);
    default:
      return data;
  }
}

/** Without their bad hints, two records can be the same, or stand in another order. */
function judgeServices(rule: Rule, data: readonly Uint8Array[]): readonly Uint8Array[] {
  const judged = data.flatMap((one) => filterHints(one, (address) => mayPass(rule, address)) ?? []);
  return judged.every((one, i) => one === data[i]) ? judged : canonicalSet(judged);
}

function mayPass({ allowsPrivate, within }: Rule, address: Uint8Array): boolean {
  return (allowsPrivate || !isReserved(address)) &&
    (within === undefined || within.includesBytes(address));
}
