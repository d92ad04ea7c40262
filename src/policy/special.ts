/** Names that are answered here, whatever the policy says; nothing of them goes upstream. */

import {
  type Answer,
  encodeName,
  LOCAL_NEGATIVE_TTL,
  localAnswer,
  negativeAnswer,
  RCODE,
  TYPE,
  WireName,
} from "../wire/mod.ts";

/** The answer to a special name, and which name that is. */
export interface SpecialAnswer {
  readonly answer: Answer;
  /** The special name, as a rule's name in the log. */
  readonly rule: string;
}

const LOOPBACK_TTL = 86400;
const LOOPBACK_4 = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK_6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const LOCALHOST = encodeName("localhost");

const SPECIAL = {
  localhost: WireName.of("localhost"),
  canary: WireName.of("use-application-dns.net"),
  resolver: WireName.of("resolver.arpa"),
  loopback: WireName.of("127.in-addr.arpa"),
  loopback6: WireName.of(`1.${"0.".repeat(31)}ip6.arpa`),
};

/** The hashes of what they all end with. */
const TOP = {
  localhost: WireName.of("localhost").hash,
  net: WireName.of("net").hash,
  arpa: WireName.of("arpa").hash,
};

/** Labels of a name below `127.in-addr.arpa` that is a whole address. */
const ADDRESS_LABELS = SPECIAL.loopback.labels + 3;
const OCTETS = /^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])\.)*127\.in-addr\.arpa$/;

const NODATA = negativeAnswer(RCODE.NOERROR, LOCAL_NEGATIVE_TTL);
const NXDOMAIN = negativeAnswer(RCODE.NXDOMAIN, LOCAL_NEGATIVE_TTL);

/** Whether a special name lies below this one, so that it must not be said not to exist (RFC 8020 2). */
export function isAboveSpecial(name: WireName): boolean {
  return Object.values(SPECIAL).some((other) =>
    other.labels > name.labels && other.isWithin(name)
  ) ||
    isLoopback(name, 0, ADDRESS_LABELS - 1);
}

/** Whether a name is `127.in-addr.arpa` with so many labels, octets all of them, as from `least` to `most` make. */
function isLoopback(name: WireName, least: number, most: number): boolean {
  return name.labels >= least && name.labels <= most && name.isWithin(SPECIAL.loopback) &&
    OCTETS.test(name.text);
}

/** Whether it may be worth while to compare a name with special ones: for nearly all of them it is not. */
function isBelowSpecialTop({ hashes, labels }: WireName): boolean {
  const top = hashes[labels - 1];
  return top === TOP.localhost || top === TOP.net || top === TOP.arpa;
}

/** The answer to a special name and a type, or undefined for any other name. */
export function answerSpecial(name: WireName, type: number): SpecialAnswer | undefined {
  if (!isBelowSpecialTop(name)) return undefined;
  // RFC 6761 6.3: localhost and all below it are this host.
  if (name.isWithin(SPECIAL.localhost)) {
    return { rule: "localhost", answer: answerLocalhost(type) };
  }
  const isPtr = isLoopback(name, ADDRESS_LABELS, ADDRESS_LABELS) ||
    name.labels === SPECIAL.loopback6.labels && name.isWithin(SPECIAL.loopback6);
  if (isPtr) {
    const answer = type === TYPE.PTR ? localAnswer(LOCALHOST, LOOPBACK_TTL) : NODATA;
    return { rule: "loopback", answer };
  }
  // Firefox's canary: a name that does not exist tells it to leave DNS to this host.
  if (name.isWithin(SPECIAL.canary)) return { rule: "use-application-dns.net", answer: NXDOMAIN };
  // RFC 9462 4: NODATA says that this resolver has no encrypted twin.
  if (name.isWithin(SPECIAL.resolver)) return { rule: "resolver.arpa", answer: NODATA };
  return undefined;
}

function answerLocalhost(type: number): Answer {
  if (type === TYPE.A) return localAnswer(LOOPBACK_4, LOOPBACK_TTL);
  if (type === TYPE.AAAA) return localAnswer(LOOPBACK_6, LOOPBACK_TTL);
  return NODATA;
}
